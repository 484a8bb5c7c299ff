/** The parts of the service; each may run in a process of its own on Kafka. */
export const roles = ['collect', 'state', 'process', 'notify'] as const

export type Role = (typeof roles)[number]
