"""Prints every alert once, as a line of JSON: a consumer of tfdrift.alerts in Python.

    pip install confluent-kafka fastavro
    BROKERS=localhost:9092 REGISTRY=http://localhost:8081/apis/ccompat/v7 python3 read_alerts.py
"""

import io
import json
import os
import signal
import struct
import sys
import urllib.request

import fastavro
from confluent_kafka import Consumer, KafkaError, KafkaException

REGISTRY = os.environ.get("REGISTRY", "http://localhost:8081/apis/ccompat/v7")
# How many announcements are remembered. Yours belong where your results are: then a restart repeats none.
REMEMBERED = 100_000

schemas = {}


def writer_schema(schema_id):
    """The schema that a record was written with. Ids never change, so each is asked for once."""
    if schema_id not in schemas:
        with urllib.request.urlopen(f"{REGISTRY.rstrip('/')}/schemas/ids/{schema_id}", timeout=15) as answer:
            schemas[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
    return schemas[schema_id]


def decode(value):
    """The Confluent wire format: a zero byte, four bytes of schema id, Avro."""
    magic, schema_id = struct.unpack(">bI", value[:5])
    if magic != 0:
        raise ValueError("not in the Confluent wire format")
    return fastavro.schemaless_reader(io.BytesIO(value[5:]), writer_schema(schema_id))


def main():
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ.get("BROKERS", "localhost:9092"),
            "group.id": os.environ.get("GROUP", "read-alerts-py"),
            "auto.offset.reset": "earliest",
            # Stored after the alert has been handled, and committed every few seconds.
            "enable.auto.offset.store": False,
        }
    )
    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    consumer.subscribe([os.environ.get("TOPIC", "tfdrift.alerts")])
    seen = set()
    while running:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            if message.error().code() in (KafkaError._PARTITION_EOF, KafkaError.UNKNOWN_TOPIC_OR_PART):
                continue
            raise KafkaException(message.error())
        if message.value() is not None:
            alert = decode(message.value())
            # After a crash or a replay the topic may carry the same record again.
            announcement = (alert["id"], alert["status"])
            if announcement not in seen:
                print(json.dumps(alert), flush=True)
                if len(seen) >= REMEMBERED:
                    seen.clear()
                seen.add(announcement)
        consumer.store_offsets(message)
    consumer.close()


if __name__ == "__main__":
    sys.exit(main())
