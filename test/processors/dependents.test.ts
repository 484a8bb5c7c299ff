import { describe, expect, it } from 'vitest'
import { loadMappings } from '../../mappings/index.ts'
import { marksOfRow } from '../../processors/dependents.ts'
import type { StateRow } from '../../processors/finding.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { aRow } from './a-finding.ts'

const mappings = loadMappings()

interface Placed {
  lineage?: string
  deposedKey?: string
  direct?: string[] | null
}

function row(address: string, dependencies: string[] = [], placed: Placed = {}): StateRow {
  const { lineage = 'lineage', deposedKey = null, direct = dependencies } = placed
  const key = `${lineage}|${address}${deposedKey === null ? '' : `|deposed:${deposedKey}`}`
  return { ...aRow(), key, lineage, address, deposedKey, dependencies, directDependencies: direct }
}

function indexOf(...rows: StateRow[]) {
  const states = createStateIndex(mappings)
  for (const one of rows) states.add(one)
  return states
}

const vpc = row('aws_vpc.main')

describe('the blast radius', () => {
  it('counts instances, the direct dependents of all of them, and lists addresses, theirs first', () => {
    const states = indexOf(
      vpc,
      row('aws_instance.web', ['aws_subnet.a', 'aws_vpc.main'], { direct: ['aws_subnet.a'] }),
      row('aws_subnet.a[1]', ['aws_vpc.main']),
      row('aws_subnet.a[0]', ['aws_vpc.main']),
    )
    expect(states.blastRadius(vpc)).toEqual({
      directDependents: 2,
      totalDependents: 3,
      addresses: ['aws_subnet.a[0]', 'aws_subnet.a[1]', 'aws_instance.web'],
    })
  })

  it('of one instance of a block is that of the block: dependencies do not tell instances apart', () => {
    const subnet = row('module.net["x"].aws_subnet.a[7]')
    const states = indexOf(subnet, row('aws_instance.web', ['module.net.aws_subnet.a']))
    expect(states.blastRadius(subnet)).toMatchObject({ directDependents: 1, addresses: ['aws_instance.web'] })
  })

  it('of what nothing depends on is zero', () => {
    const none = { directDependents: 0, totalDependents: 0, addresses: [] }
    expect(indexOf(vpc).blastRadius(vpc)).toEqual(none)
  })

  it('leaves out other states, the block itself, and objects that are about to be destroyed', () => {
    const states = indexOf(
      row('aws_subnet.other', ['aws_vpc.main'], { lineage: 'another' }),
      row('aws_vpc.main', ['aws_vpc.main']),
      row('aws_subnet.old', ['aws_vpc.main'], { deposedKey: '00000001' }),
    )
    expect(states.blastRadius(vpc)).toMatchObject({ totalDependents: 0 })
  })

  it('takes all dependencies for direct where a record of an older version does not tell', () => {
    const states = indexOf(row('aws_subnet.a', ['aws_vpc.main'], { direct: null }))
    expect(states.blastRadius(vpc)).toMatchObject({ directDependents: 1, totalDependents: 1 })
  })

  it('lists twenty addresses of however many there are', () => {
    const many = Array.from({ length: 300 }, (_, n) => row(`aws_subnet.a[${n}]`, ['aws_vpc.main']))
    const { addresses, ...counts } = indexOf(...many).blastRadius(vpc)
    expect(counts).toEqual({ directDependents: 300, totalDependents: 300 })
    expect(addresses).toEqual(
      many
        .map(({ address }) => address)
        .sort()
        .slice(0, 20),
    )
  })

  it('asks nothing of data sources: no state row is one', () => {
    expect(marksOfRow(row('aws_subnet.a', ['data.aws_ami.a', 'module.m.data.aws_ami.b']))).toEqual([])
  })
})
