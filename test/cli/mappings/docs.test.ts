import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Expected, labelledCase } from '../../../cli/mappings/case-format.ts'
import { caseContext, createJudge } from '../../../cli/mappings/judge-case.ts'
import { createMappings } from '../../../mappings/index.ts'
import { read } from '../../house/source.ts'
import { aCase } from './a-case.ts'

const [mapping, written, file] = [...read('docs/mappings.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, text]) => text!,
)

it('the call that docs/mappings.md adds is compared as its case says', async () => {
  const text = `service: ec2.amazonaws.com\n${mapping!.replaceAll(/^ {3}/gm, '')}`
  const mappings = createMappings([{ file: 'aws/ec2.yaml', text }])
  const [one] = parse(written!) as unknown[]
  const { name, event, state, expect: alerts } = labelledCase.parse(one)
  const [[address, attributes]] = Object.entries(state as object) as [[string, object]]
  const [type, row] = address.split('.')
  const resource = { mode: 'managed', type, name: row, provider: 'aws', instances: [{ attributes }] }
  const judge = createJudge({ ...caseContext(), mappings })
  const parts = { name, event: event!, states: [[resource as never]], expect: alerts as Expected[] }
  expect(await judge(aCase(parts))).toMatchObject({ passed: true, matched: 1 })
})

it('the file that it shows is a mapping', () => {
  const { effects, typesOfId } = createMappings([{ file: 'aws/ec2.yaml', text: file! }])
  expect(effects('ec2.amazonaws.com', 'RunInstances')).toHaveLength(1)
  expect(typesOfId('i-0abc')).toEqual(['aws_instance'])
})
