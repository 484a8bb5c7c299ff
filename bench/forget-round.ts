import kafkajs from 'kafkajs'
import type { Services } from './services.ts'

/** Takes away the topics, groups and subjects whose names begin so. Groups must have been left by their members. */
export async function forgetRound({ brokers, registry }: Services, prefix: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const { groups } = await admin.listGroups()
    const mine = groups.map(({ groupId }) => groupId).filter((name) => name.startsWith(prefix))
    if (mine.length > 0) await admin.deleteGroups(mine)
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
  } finally {
    await admin.disconnect()
  }
  const subjects = (await (await fetch(`${registry}/subjects`)).json()) as string[]
  for (const subject of subjects.filter((name) => name.startsWith(prefix))) {
    await fetch(`${registry}/subjects/${encodeURIComponent(subject)}`, { method: 'DELETE' })
  }
}
