import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { javaCommand, quickFlags } from './java.ts'
import type { KafkaService } from './kafka.ts'

const run = promisify(execFile)
const CONSUMER_GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'

/** How Kafka's own command sets offsets: one flag, and its value where it takes one. */
export type ResetTo =
  | ['--to-earliest' | '--to-latest']
  | ['--to-offset' | '--shift-by' | '--to-datetime' | '--by-duration', string]

/**
 * Moves a group's offsets with kafka-consumer-groups, as an operator would. The group must have no member.
 * `topic` may name one partition: `raw-events:3`. Returns the new offset of each partition.
 */
export async function resetOffsets(
  kafka: Pick<KafkaService, 'brokers' | 'classpath'>,
  group: string,
  topic: string,
  ...to: ResetTo
): Promise<Map<number, bigint>> {
  const output = await consumerGroups(kafka, [
    '--group',
    group,
    '--topic',
    topic,
    '--reset-offsets',
    ...to,
    '--execute',
  ])
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/))
  const moved = rows.filter((row) => row[0] === group && row.length === 4)
  // The command exits with 0 whatever happened.
  if (moved.length === 0) throw new Error(`kafka-consumer-groups moved nothing: ${output.trim()}`)
  return new Map(moved.map((row) => [Number(row[2]), BigInt(row[3] ?? '')]))
}

/** Runs kafka-consumer-groups and returns all that it printed. */
export async function consumerGroups(
  kafka: Pick<KafkaService, 'brokers' | 'classpath'>,
  args: string[],
): Promise<string> {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const jvm = [...quickFlags(), '-Xmx128m', '-cp', kafka.classpath, quiet]
  const command = [CONSUMER_GROUPS, '--bootstrap-server', kafka.brokers.join(','), ...args]
  const { stdout, stderr } = await run(javaCommand(), [...jvm, ...command], { timeout: 60_000 })
  return stdout + stderr
}
