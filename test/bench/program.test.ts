import { expect, test } from 'vitest'
import { runBench } from '../../bench/program.ts'

/** Runs the command line with a benchmark that does nothing, or fails. */
async function run(line: string, outcome: () => Promise<boolean> = async () => true) {
  const printed: string[] = []
  const asked: unknown[] = []
  const stream = { write: (text: string) => printed.push(text) }
  const io = { stdout: stream, stderr: stream, env: {}, signal: new AbortController().signal }
  const benchmark = (options: unknown) => {
    asked.push(options)
    return outcome()
  }
  const code = await runBench(line.split(' '), io, {
    throughput: benchmark,
    backlog: benchmark,
    detect: benchmark,
    rules: benchmark,
    context: benchmark,
  })
  return { code, asked, printed: printed.join('') }
}

test('without options the benchmark is one process on Kafka, 100,000 resources and 60,000 events, three times', async () => {
  const { code, asked } = await run('throughput')
  expect(code).toBe(0)
  expect(asked).toEqual([{ bus: 'kafka', resources: 100_000, events: 60_000, instances: 1, rounds: 3 }])
})

test('a backlog is 200,000 records, two of a hundred a drift, unless it is said otherwise', async () => {
  expect((await run('backlog --records 10000')).asked).toEqual([
    { records: 10_000, resources: 10_000, drifts: 2 },
  ])
})

test('detect reads 200,000 records and 50,000 resources, unless it is said otherwise', async () => {
  expect((await run('detect')).asked).toEqual([{ records: 200_000, resources: 50_000 }])
})

test('rules are 10,000 beside 100, seven times, unless it is said otherwise', async () => {
  expect((await run('rules')).asked).toEqual([{ rules: 10_000, events: 20_000, rounds: 7 }])
})

test('context is of 100,000 resources and 2,000 look-ups, unless it is said otherwise', async () => {
  expect((await run('context')).asked).toEqual([{ resources: 100_000, lookUps: 2_000 }])
})

test('every option is taken as it is written', async () => {
  const line =
    'throughput --bus embedded --resources 10 --events 2000 --instances 2 --rounds 1 --profile /tmp/p'
  const options = { bus: 'embedded', resources: 10, events: 2000, instances: 2, rounds: 1, profile: '/tmp/p' }
  expect((await run(line)).asked).toEqual([options])
})

test.each(['--bus nats', '--resources 0', '--events 1e5', '--events 10', '--instances two', '--rounds -1'])(
  '%s is refused before anything is started',
  async (option) => {
    const { code, asked, printed } = await run(`throughput ${option}`)
    expect([code, asked]).toEqual([1, []])
    expect(printed).toContain(option.split(' ')[0])
  },
)

test('the exit code is 1 if an event has no alert, or if the benchmark cannot be run', async () => {
  expect((await run('throughput', async () => false)).code).toBe(1)
  const broken = await run('throughput', () => Promise.reject(new Error('java is not installed')))
  expect(broken).toMatchObject({ code: 1, printed: 'bench: java is not installed\n' })
})
