import { type TopicName, type TopicSpec, topology } from '../../processors/topology.ts'

/** The topic of this name, with or without its prefix. Throws, with those that there are, if there is none. */
export function topicSpec(name: string, full: (name: TopicName) => string): TopicSpec {
  const spec = topology.find((one) => name === one.name || name === full(one.name))
  if (!spec) throw new Error(`no topic ${name}; choose one of ${topology.map((one) => one.name).join(', ')}`)
  return spec
}
