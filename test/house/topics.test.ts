import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { topology } from '../../processors/topology.ts'
import { read, root } from './source.ts'

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

const real = topology.map(({ name, cleanup }) => `${name} ${cleanup}`).sort()

/** `NAME CLEANUP` of each topic in the tables whose first column names topics; a cell may name several. */
function topicsOf(document: string): string[] {
  const rows = document.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  return rows.flatMap(([edge, first = '', ...rest]) => {
    const cleanup = rest.find((cell) => /^`?(delete|compact)`?$/.test(cell))?.replaceAll('`', '')
    if (edge !== '' || cleanup === undefined) return []
    return [...first.matchAll(/`(?:tfdrift\.)?([a-z-]+)`/g)].map(([, name]) => `${name} ${cleanup}`)
  })
}

test('a document that tabulates the topics has those of the topology, cleaned as there', () => {
  const tables = documents.map((file) => ({ file, topics: topicsOf(read(file)).sort() }))
  const wrong = tables.filter(({ topics }) => topics.length > 0 && topics.join() !== real.join())
  expect(wrong).toEqual([])
})

test('the look for topics finds them', () => {
  const table =
    '| topic | cleanup |\n|---|---|\n| `tfdrift.diffs`, `tfdrift.alerts` | delete |\n| `x` | `compact` |'
  expect(topicsOf(table)).toEqual(['diffs delete', 'alerts delete', 'x compact'])
})
