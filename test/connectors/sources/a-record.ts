import { readFileSync } from 'node:fs'
import path from 'node:path'

export type Json = Record<string, unknown>

export const hashKey = Buffer.from('a key of the tests')

/** A CloudTrail record as AWS writes it: ModifyInstanceAttribute by an IAM user. */
export function aRecord(changes: Json = {}): Json {
  return { ...(JSON.parse(fixture('modify-instance-attribute.json').toString()) as Json), ...changes }
}

export function fixture(name: string): Buffer {
  return readFileSync(path.join(import.meta.dirname, 'fixtures', name))
}
