import { type Command, Option } from 'commander'
import type { Check } from '../../connectors/check.ts'
import { loadConfig } from '../config/load.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { formatCheck } from '../doctor/format-check.ts'
import { Exit, type Io } from '../io.ts'
import { createLogger } from '../log.ts'

interface DoctorOptions {
  config?: string
  bus?: 'embedded' | 'kafka'
  format: 'text' | 'ndjson' | 'json'
}

export function doctorCommand(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('connect to everything configured; say what is wrong and how to mend it')
    .option('--config <file>', 'configuration file')
    .addOption(new Option('--bus <kind>', 'whatever the configuration says').choices(['embedded', 'kafka']))
    .addOption(
      new Option('--format <format>', 'text, or a line of JSON for each check')
        .choices(['text', 'ndjson', 'json'])
        .default('text'),
    )
    .action((options: DoctorOptions) => doctor(options, io))
}

async function doctor({ config: file, bus, format }: DoctorOptions, io: Io): Promise<void> {
  const config = loadConfig(file, io.env, bus)
  const { hashKey } = resolveSecrets(config)
  const log = createLogger({ level: 'silent', stream: io.stderr })
  let problems = 0
  function tell(checks: readonly Check[]): void {
    for (const check of checks) {
      if (!check.ok) problems++
      io.stdout.write(format === 'text' ? formatCheck(check) : `${JSON.stringify(check)}\n`)
    }
  }

  tell([{ what: `configuration ${config.file}`, ok: true }])
  // Only here: the other commands need no Kafka client and no store.
  const [{ checkDataDir }, { checkBus }, { checkRegistry }, { checkConnectors }, { kafkaFeeds }] =
    await Promise.all([
      import('../doctor/check-data-dir.ts'),
      import('../doctor/check-bus.ts'),
      import('../doctor/check-registry.ts'),
      import('../doctor/check-connectors.ts'),
      import('../../streams/kafka-feed.ts'),
    ])
  tell([await checkDataDir(config.dataDir)])
  tell(await checkBus(config, log, io.signal))
  tell(await checkRegistry(config))
  tell(await checkConnectors(config, { hashKey, pollMs: config.sync_mode.intervalMs, feeds: kafkaFeeds }))
  if (problems > 0) throw new Exit(1, problems === 1 ? '1 problem' : `${problems} problems`)
}
