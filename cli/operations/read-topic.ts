import type { Bus, InRecord } from '../../streams/bus.ts'

/** Hands over every record that the topic holds now, in the order of its partitions. */
export async function readTopic(
  bus: Bus,
  topic: string,
  onRecord: (record: InRecord) => Promise<void> | void,
): Promise<void> {
  const tail = await bus.tail({ topics: [topic], from: () => 0 }, async ({ records }) => {
    for (const record of records) await onRecord(record)
  })
  await tail.caughtUp()
  await tail.stop()
}
