import { expect, it } from 'vitest'
import { grantsOf } from '../../../processors/compare/iam-policy.ts'

const condition = { title: 'until-may', expression: 'true' }
const policy = {
  bindings: [
    { role: 'roles/viewer', members: ['user:a', 'user:b'] },
    { role: 'roles/viewer', members: ['user:a'], condition },
  ],
}

it('the grants of a policy are one for each member of each binding, whether it is an object or a text', () => {
  const grants = [
    { role: 'roles/viewer', members: ['user:a'] },
    { role: 'roles/viewer', members: ['user:b'] },
    { role: 'roles/viewer', members: ['user:a'], condition },
  ]
  expect(grantsOf(policy)).toEqual(grants)
  expect(grantsOf(JSON.stringify(policy))).toEqual(grants)
})

it.each([undefined, null, '', '{', '[]', '{}', 7, { bindings: 'x' }, { bindings: [null, {}] }])(
  '%j grants nothing',
  (value) => {
    expect(grantsOf(value as never)).toEqual([])
  },
)
