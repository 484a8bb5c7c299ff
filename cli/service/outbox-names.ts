import type { HeldAlert } from '../../schemas/types.ts'

/** A name's rows are written as one list: in parts, what waits for a sink is not written anew with each that comes. */
const PARTS = 256

/** The names of a row of the outbox: by its drift, and as a part of what waits for its sink. */
export function outboxNames({ sink, driftId }: Pick<HeldAlert, 'sink' | 'driftId'>): string[] {
  return [partOf(sink, driftId), outboxDrift(sink, driftId)]
}

function partOf(sink: string, driftId: string): string {
  return partName(sink, Number.parseInt(driftId.slice(0, 2), 16) || 0)
}

/** All parts of what waits for a sink. */
export function outboxParts(sink: string): string[] {
  return Array.from({ length: PARTS }, (_, part) => partName(sink, part))
}

function partName(sink: string, part: number): string {
  return `sink\0${sink}\0${part}`
}

export function outboxDrift(sink: string, driftId: string): string {
  return `drift\0${sink}\0${driftId}`
}
