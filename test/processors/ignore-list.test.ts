import { describe, expect, it } from 'vitest'
import { parseIgnoreList } from '../../processors/ignore-list.ts'

const read = (text: string) =>
  parseIgnoreList(text, '.tfdriftignore').lines.map(({ line, resource, attribute, negated }) => [
    line,
    `${negated ? '!' : ''}${resource}`,
    attribute,
  ])

describe('an ignore list', () => {
  it('has a pattern a line: a type or an address, and an attribute', () => {
    expect(
      read(`# all of these
aws_autoscaling_group.web#desired_capacity

module.legacy.*   # moved next year
  !module.legacy.aws_iam_*\r
aws_s3_bucket#tags.*
*#tags.LastScanned`),
    ).toEqual([
      [2, 'aws_autoscaling_group.web', 'desired_capacity'],
      [4, 'module.legacy.*', null],
      [5, '!module.legacy.aws_iam_*', null],
      [6, 'aws_s3_bucket', 'tags.*'],
      [7, '*', 'tags.LastScanned'],
    ])
  })

  it('may have any characters within the quotes of a key', () => {
    expect(read('aws_instance.web["a #b \\" c"]#tags # why')).toEqual([
      [1, 'aws_instance.web["a #b \\" c"]', 'tags'],
    ])
  })

  it('may be empty, and begin with a byte order mark', () => {
    expect(parseIgnoreList('\n# nothing\n', 'x')).toEqual({ lines: [], errors: [] })
    expect(read('\uFEFFaws_instance.web')).toEqual([[1, 'aws_instance.web', null]])
  })

  it.each([
    ['aws_instance.web tags', 1, '"aws_instance.web tags" has a blank in it'],
    ['  webserver', 3, '"webserver" is neither a type nor an address'],
    ['aws_instance.web#', 1, 'names no attribute after #'],
    ['!', 1, 'names no resource'],
    ['!#tags', 1, 'names no resource'],
  ])('with the line %j is refused at its place, and the others are read', (line, column, message) => {
    expect(parseIgnoreList(`aws_vpc.main\n${line}\naws_eip\n`, '.tfdriftignore')).toEqual({
      lines: [expect.objectContaining({ line: 1 }), expect.objectContaining({ line: 3 })],
      errors: [
        {
          file: '.tfdriftignore',
          line: 2,
          column,
          field: '',
          message,
          fix: 'write TYPE, ADDRESS or either with #ATTRIBUTE, such as aws_autoscaling_group.web#desired_capacity',
        },
      ],
    })
  })
})
