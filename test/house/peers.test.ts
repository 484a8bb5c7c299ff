import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { sinkKinds } from '../../connectors/sinks/index.ts'
import { sourceKinds, stateKinds } from '../../connectors/sources/index.ts'
import { peers } from './peers.ts'
import { root } from './source.ts'

test('every connector is tested against a peer that is named', async ({ annotate }) => {
  const registries = { source: sourceKinds, state: stateKinds, sink: sinkKinds }
  const kinds = Object.entries(registries).flatMap(([type, kind]) =>
    Object.keys(kind).map((name) => `${type} ${name}`),
  )
  expect(Object.keys(peers).sort()).toEqual(kinds.sort())
  expect(Object.values(peers).filter(({ test: file }) => !existsSync(path.join(root, file)))).toEqual([])
  for (const [name, { peer, real, test: file }] of Object.entries(peers))
    await annotate(`${name.padEnd(24)} ${(real ? 'real' : 'fake').padEnd(5)} ${peer} (${file})`)
})
