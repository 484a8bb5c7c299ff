import { describe, expect, it } from 'vitest'
import { applyMask } from '../../../processors/normalize/gcp-mask.ts'

const topic = { name: 'projects/p/topics/t', kmsKeyName: 'k', labels: { a: 'b' }, retention: '60s' }

describe('an update mask', () => {
  it('leaves of the updated object the fields that it names', () => {
    expect(applyMask({ topic, updateMask: 'labels,retention' })).toEqual({
      topic: { labels: { a: 'b' }, retention: '60s' },
    })
  })

  it('resets what it names and what is not there', () => {
    expect(applyMask({ topic: {}, updateMask: 'kmsKeyName' })).toEqual({ topic: { kmsKeyName: null } })
  })

  it('reaches into objects', () => {
    const policy = { allowed: ['eu'], enforced: true }
    expect(applyMask({ topic: { policy }, updateMask: 'policy.allowed,policy.other' })).toEqual({
      topic: { policy: { allowed: ['eu'], other: null } },
    })
    expect(applyMask({ topic: { policy }, updateMask: 'policy,policy.other' })).toEqual({ topic: { policy } })
  })

  it.each([
    [{ paths: ['kms_key_name'] }],
    ['kms_key_name'],
    [['kmsKeyName']],
    ['topic.kms_key_name'],
    [' kmsKeyName ,'],
  ])('is written as %j, too', (updateMask) => {
    expect(applyMask({ topic, updateMask })).toEqual({ topic: { kmsKeyName: 'k' } })
  })

  it('is of the body itself where that holds no object', () => {
    expect(applyMask({ parent: 'p', size: 3, updateMask: 'size,labels' })).toEqual({
      parent: 'p',
      size: 3,
      labels: null,
    })
  })

  it('that names everything, or nothing, changes nothing', () => {
    expect(applyMask({ topic, updateMask: '*' })).toEqual({ topic })
    expect(applyMask({ topic, updateMask: '' })).toEqual({ topic })
    expect(applyMask({ topic })).toEqual({ topic })
  })

  it('stays where it cannot be told which object it is of, so that nobody takes the rest for all', () => {
    const body = { topic, policy: {}, updateMask: 'labels' }
    expect(applyMask(body)).toEqual(body)
  })
})
