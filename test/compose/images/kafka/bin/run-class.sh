#!/bin/sh -eu
quick='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'
# shellcheck disable=SC2086 # they are lists of words
exec java $quick ${KAFKA_HEAP_OPTS:--Xmx256m} -cp '/opt/kafka/libs/*' -Dorg.slf4j.simpleLogger.defaultLogLevel=warn "$@"
