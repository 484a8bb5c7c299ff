import { z } from 'zod'
import { listOf } from '../operator.ts'
import { textsOf } from '../text-of.ts'
import { valueOperator } from '../value-operator.ts'

const port = z.int().min(0).max(65_535)

export const portsContain = valueOperator({
  name: 'ports_contain',
  args: { value: z.union([port, z.array(port).min(1)], 'write a port, or a list of ports') },
  holds({ value }) {
    const wanted = listOf(value)
    return (actual) =>
      textsOf(actual).some((one) => wanted.some((number) => rangesOf(one).some(covers(number))))
  },
  doc: 'A port, a range of ports such as `20-25`, `*`, or one of a list of them, contains the port `value`, or one of the list.',
  examples: [
    { args: { value: 22 }, attribute: { value: ['443', '20-25'] }, holds: true },
    { args: { value: [22, 3389] }, attribute: { value: 3389 }, holds: true },
    { args: { value: 22 }, attribute: { value: '*' }, holds: true },
    { args: { value: 22 }, attribute: { value: '80,20-22' }, holds: true },
    { args: { value: 22 }, attribute: { value: ['2222', '23-80'] }, holds: false },
    { args: { value: 22 }, attribute: { value: 'ssh' }, holds: false },
    { args: { value: 22 }, attribute: { value: [] }, holds: false },
    { args: { value: 22 }, attribute: {}, holds: false },
  ],
})

type Range = readonly [from: number, to: number]

function covers(number: number) {
  return ([from, to]: Range) => from <= number && number <= to
}

function rangesOf(text: string): Range[] {
  if (text === '*') return [[0, 65_535]]
  return text.split(',').flatMap((one): Range[] => {
    const [, from, to = from] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(one) ?? []
    return from === undefined ? [] : [[Number(from), Number(to)]]
  })
}
