#!/bin/sh -eu
# Like the image that it stands for: KAFKA_LOG_DIRS becomes log.dirs, and an unformatted folder is formatted.
config=/tmp/server.properties
env | awk -F= '/^KAFKA_/ && $1 != "KAFKA_HEAP_OPTS" {
  name = tolower(substr($1, 7)); gsub(/_/, ".", name); print name "=" substr($0, length($1) + 2)
}' > "$config"
run=/opt/kafka/bin/run-class.sh
"$run" kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$config"
exec "$run" kafka.Kafka "$config"
