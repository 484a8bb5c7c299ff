import { describe, expect, test } from 'vitest'
import { awsActor } from '../../processors/actor.ts'
import type { Json, JsonObject } from '../../processors/finding.ts'
import { keptActor } from '../../processors/kept-actor.ts'
import type { Actor } from '../../schemas/types.ts'

const record: JsonObject = {
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:ines',
    arn: 'arn:aws:sts::123456789012:assumed-role/Admin/ines',
    accountId: '123456789012',
    userName: 'ines.m',
    invokedBy: 'cloudformation.amazonaws.com',
    sessionContext: {
      sessionIssuer: {
        arn: 'arn:aws:iam::123456789012:role/Admin',
        userName: 'Admin',
        accountId: '123456789012',
      },
      attributes: { mfaAuthenticated: 'true' },
    },
    onBehalfOf: { userId: 'user-1' },
  },
  userAgent: 'aws-cli/2.15.30',
  sourceIPAddress: '203.0.113.9',
  eventType: 'AwsApiCall',
  eventSource: 'ec2.amazonaws.com',
  sessionCredentialFromConsole: 'true',
}

/** The same with one of its texts changed, or left out: one after the other. */
function* variants(value: JsonObject): Generator<JsonObject> {
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === 'object') {
      for (const inner of variants(one as JsonObject)) yield { ...value, [name]: inner }
    } else {
      yield { ...value, [name]: `${one}x` as Json }
    }
    const { [name]: _, ...rest } = value
    yield rest
  }
}

describe('an actor that is kept', () => {
  test('is that of the record, whatever of the record is different', () => {
    const kept = new Map<string, Actor>()
    expect(keptActor(record, kept)).toEqual(awsActor(record))
    let different = 0
    for (const variant of variants(record)) {
      for (const second of [variant, ...variants(variant)]) {
        const actor = awsActor(second)
        expect(keptActor(second, kept)).toEqual(actor)
        if (JSON.stringify(actor) !== JSON.stringify(awsActor(record))) different++
      }
    }
    expect(different).toBeGreaterThan(500)
  })

  test('is worked out once', () => {
    const kept = new Map<string, Actor>()
    const first = keptActor(record, kept)
    expect(keptActor(structuredClone(record), kept)).toBe(first)
    expect(kept.size).toBe(1)
  })
})
