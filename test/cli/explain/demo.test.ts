import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { runProgram } from '../../../cli/program.ts'
import { testIo } from '../../support/test-io.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const files = ['README.md', 'docs/explain.md']
const examples = files.flatMap((file) => {
  const text = readFileSync(path.join(root, file), 'utf8')
  return [...text.matchAll(/^\$ npx tfdrift (explain .+)\n([^`]+)/gm)].map(([, command, output]) => ({
    file,
    args: command!.split(' '),
    output: output!,
  }))
})

async function explain(args: readonly string[]) {
  const io = testIo()
  const code = await runProgram(
    args.map((arg) => (arg.startsWith('examples/') ? path.join(root, arg) : arg)),
    io,
  )
  return { code, out: io.out().replaceAll(`${root}/`, '') }
}

it('the documentation has three examples', () => {
  expect(examples.map(({ file }) => file)).toEqual(['README.md', 'README.md', 'docs/explain.md'])
})

it.each(examples)('$file: the example is what the command prints', async ({ args, output }) => {
  expect(await explain(args)).toEqual({ code: 0, out: output })
})

it('the command that the demo offers explains its first alert', async () => {
  const demo = readFileSync(path.join(root, 'cli/demo.ts'), 'utf8')
  const [, id] = /npx tfdrift explain (\S+)/.exec(demo)!
  const inputs = ['--state', 'examples/demo/terraform.tfstate', '--events', 'examples/demo/cloudtrail']
  const io = testIo()
  const plain = inputs.map((arg) => (arg.startsWith('examples/') ? path.join(root, arg) : arg))
  await runProgram(['detect', ...plain, '--format', 'ndjson'], io)
  expect(JSON.parse(io.out().split('\n')[0]!).sourceEvent.id).toBe(id)
  expect(await explain(['explain', id!, ...inputs])).toMatchObject({ code: 0 })
})
