import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keysOf, nameKey, parentKey } from '../../processors/identity.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { mappings, row } from '../support/detect.ts'

const attachment = row('aws_iam_role_policy_attachment', {
  id: 'app-2026',
  role: 'app',
  policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
})

it('R27 a row is found by id, by composite name and by its parent', () => {
  const states = createStateIndex(mappings)
  states.add(attachment)
  const { type } = attachment
  expect(states.rows(nameKey(type, 'app-2026'))).toEqual([attachment])
  expect(states.rows(nameKey(type, 'app/arn:aws:iam::aws:policy/ReadOnlyAccess'))).toEqual([attachment])
  expect(states.rows(parentKey(type, 'app'))).toEqual([attachment])
})

it('an unknown key has no rows', () => {
  expect(createStateIndex(mappings).rows(nameKey('aws_instance', 'i-1'))).toEqual([])
})

it('W4 resources of one id stand side by side: types apart, states together', () => {
  const states = createStateIndex(mappings)
  const bucket = row('aws_s3_bucket', { id: 'logs', bucket: 'logs' })
  const policy = row('aws_s3_bucket_policy', { id: 'logs', bucket: 'logs' })
  const twin = { ...bucket, key: 'other|aws_s3_bucket.this', source: 'other.tfstate' }
  for (const one of [bucket, policy, twin]) states.add(one)
  expect(states.rows(nameKey('aws_s3_bucket', 'logs'))).toEqual([bucket, twin])
  expect(states.rows(nameKey('aws_s3_bucket_policy', 'logs'))).toEqual([policy])
  expect(states.size).toBe(3)
})

it('under every key lie exactly the rows that have it', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const rows = fc.array(
    fc
      .record({ id: name, name, role: name, type: fc.constantFrom('aws_iam_role', 'aws_iam_role_policy') })
      .map(({ type, ...attributes }) => row(type, attributes)),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(rows, (list) => {
      const states = createStateIndex(mappings)
      for (const one of list) states.add(one)
      expect(states.size).toBe(list.length)
      for (const key of list.flatMap((one) => keysOf(one, mappings))) {
        expect(states.rows(key)).toEqual(list.filter((one) => keysOf(one, mappings).includes(key)))
      }
    }),
    { numRuns: 30 },
  )
})
