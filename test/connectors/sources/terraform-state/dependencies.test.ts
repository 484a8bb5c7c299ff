import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dependenciesIn } from '../../../../connectors/sources/terraform-state/dependencies.ts'
import { parseState } from '../../../../connectors/sources/terraform-state/parse.ts'

type Instance = { address: string; dependencies: string[] }

function of(instances: Record<string, string[]>, address: string) {
  const list = Object.entries(instances).map(([at, dependencies]) => ({ address: at, dependencies }))
  return dependenciesIn(list as never)({ address, dependencies: instances[address]! })
}

describe('what an instance depends on', () => {
  const chain = {
    'aws_vpc.main': [],
    'aws_subnet.a[0]': ['aws_vpc.main'],
    'aws_subnet.a[1]': ['aws_vpc.main'],
    'aws_instance.web': ['aws_subnet.a', 'aws_vpc.main'],
  }

  it('of a state that writes all of it, is direct where nothing else leads to it', () => {
    expect(of(chain, 'aws_instance.web')).toEqual({
      dependencies: ['aws_subnet.a', 'aws_vpc.main'],
      directDependencies: ['aws_subnet.a'],
    })
  })

  it('of a state that writes the direct ones only, is also what those depend on', () => {
    expect(of({ ...chain, 'aws_instance.web': ['aws_subnet.a'] }, 'aws_instance.web')).toEqual({
      dependencies: ['aws_subnet.a', 'aws_vpc.main'],
      directDependencies: ['aws_subnet.a'],
    })
  })

  it('is never the block itself, and a circle, which Terraform does not make, ends', () => {
    const circle = { 'aws_a.a': ['aws_b.b', 'aws_a.a'], 'aws_b.b': ['aws_a.a'] }
    expect(of(circle, 'aws_a.a')).toEqual({ dependencies: ['aws_b.b'], directDependencies: ['aws_b.b'] })
  })

  it('of the keys of a for_each, with whatever is in them, is that of their block', () => {
    const keyed = {
      'module.net["a.[b]\\"]"].aws_subnet.a["x"]': ['module.net.aws_vpc.main'],
      'aws_instance.web': ['module.net.aws_subnet.a', 'module.net.aws_vpc.main'],
    }
    expect(of(keyed, 'aws_instance.web').directDependencies).toEqual(['module.net.aws_subnet.a'])
  })
})

it('all and direct dependencies are those of the graph, whichever of the two a state writes', () => {
  // An arrow leads from a higher number to a lower one only.
  const graphs = fc
    .integer({ min: 1, max: 12 })
    .chain((size) => fc.array(fc.array(fc.nat(size), { maxLength: 4 }), { minLength: size, maxLength: size }))
  fc.assert(
    fc.property(graphs, (graph) => {
      const name = (n: number) => `aws_t.n${n}`
      const below = graph.map((to, n) => [...new Set(to.filter((one) => one < n))])
      const reach = (n: number): Set<number> => new Set(below[n]!.flatMap((one) => [one, ...reach(one)]))
      const reduced = below.map((to) => to.filter((one) => !to.some((other) => reach(other).has(one))))
      const written = (edges: Iterable<number>[]): Instance[] =>
        edges.map((to, n) => ({ address: name(n), dependencies: [...to].map(name) }))
      for (const instances of [written(reduced), written(below.map((_, n) => reach(n)))]) {
        const dependenciesOf = dependenciesIn(instances as never)
        for (const [n, instance] of instances.entries()) {
          expect(dependenciesOf(instance)).toEqual({
            dependencies: [...reach(n)].map(name).sort(),
            directDependencies: reduced[n]!.map(name).sort(),
          })
        }
      }
    }),
  )
})

it('what a module of a state before format 4 calls its own is given the path of the module', () => {
  const resource = (depends_on: string[]) => ({
    type: 'aws_subnet',
    depends_on,
    primary: { id: 's', attributes: { id: 's' } },
  })
  const modules = [
    { path: ['root'], resources: { 'aws_subnet.r': resource(['aws_vpc.main.0', 'data.aws_ami.a']) } },
    { path: ['root', 'net'], resources: { 'aws_subnet.a': resource(['aws_vpc.main', 'module.inner']) } },
  ]
  const state = { version: 3, terraform_version: '0.11.14', serial: 1, lineage: 'l', modules }
  const { instances } = parseState(Buffer.from(JSON.stringify(state)), 'old.tfstate')
  expect(instances.map(({ dependencies }) => dependencies)).toEqual([
    ['aws_vpc.main', 'data.aws_ami.a'],
    ['module.net.aws_vpc.main', 'module.net.module.inner'],
  ])
})
