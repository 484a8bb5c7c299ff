import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Io } from '../cli/io.ts'
import { runBare } from './bare-round.ts'
import { forgetRound } from './forget-round.ts'
import { writeLoad } from './load.ts'
import { load } from './machine.ts'
import type { ThroughputOptions } from './options.ts'
import { runProduct } from './product-round.ts'
import { type Round, report } from './report.ts'
import { openServices, type Services } from './services.ts'

/** Measures and prints. Resolves to whether every event of every round had its one alert. */
export async function throughput(options: ThroughputOptions, io: Io): Promise<boolean> {
  if (options.bus === 'embedded' && options.instances > 1)
    throw new Error('--instances: the embedded bus runs in one process; leave it out, or use --bus kafka')
  const dir = mkdtempSync(path.join(tmpdir(), 'tfdrift-bench-'))
  let services: Services | null = null
  try {
    services = options.bus === 'kafka' ? await openServices(io.env) : null
    const rounds = await runRounds(options, { dir, services, io })
    io.stdout.write(report(options, rounds, services?.broker ?? 'embedded log'))
    return rounds.every(({ alerted, lag }) => alerted === options.events && lag === 0)
  } finally {
    await services?.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Place {
  dir: string
  services: Services | null
  io: Io
}

async function runRounds(options: ThroughputOptions, { dir, services, io }: Place): Promise<Round[]> {
  const states = await writeLoad(dir, options)
  const rounds: Round[] = []
  for (let n = 1; n <= options.rounds; n++) {
    const prefix = `${path.basename(dir)}.${n}.`
    const setting = { dir: path.join(dir, String(n)), prefix, services, load: states }
    const progress = (text: string) => void io.stderr.write(`round ${n} of ${options.rounds}: ${text}\n`)
    const all = { ...options, ...setting, progress, signal: io.signal }
    mkdirSync(setting.dir)
    try {
      const before = load()
      const product = await runProduct(all)
      const between = load()
      const bare = services && (await runBare(all))
      rounds.push({ ...product, bare, loads: [before, between] })
    } finally {
      // It must not hide why the round has failed.
      await (services &&
        forgetRound(services, prefix).catch((error) => progress(`left behind: ${error.message}`)))
      rmSync(setting.dir, { recursive: true, force: true })
    }
  }
  return rounds
}
