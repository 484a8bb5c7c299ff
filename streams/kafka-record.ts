import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { InRecord } from './bus.ts'

/** Header values are text on this bus; of several under one name the last counts. */
export function toInRecord(topic: string, partition: number, message: KafkaMessage): InRecord {
  const { offset, key, value, timestamp, headers } = message
  return {
    topic,
    partition,
    offset: Number(offset),
    key: key ?? null,
    value: value ?? null,
    headers: headers ? textOf(headers) : {},
    timestamp: Number(timestamp),
  }
}

function textOf(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, values] of Object.entries(headers)) {
    const value = Array.isArray(values) ? values.at(-1) : values
    if (value !== undefined && value !== null) texts[name] = value.toString()
  }
  return texts
}
