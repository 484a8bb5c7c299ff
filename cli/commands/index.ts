import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { alertsCommand } from './alerts.ts'
import { auditCommand } from './audit.ts'
import { coverageCommand } from './coverage.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { detectCommand } from './detect.ts'
import { doctorCommand } from './doctor.ts'
import { explainCommand } from './explain.ts'
import { mappingsCommand } from './mappings.ts'
import { replayCommand } from './replay.ts'
import { rulesCommand } from './rules.ts'
import { runCommand } from './run.ts'
import { stateCommand } from './state.ts'
import { tapCommand } from './tap.ts'
import { topicsCommand } from './topics.ts'
import { validateCommand } from './validate.ts'

/** Every command. A new one is one file and one line here. */
export const commands: readonly ((program: Command, io: Io) => void)[] = [
  runCommand,
  detectCommand,
  explainCommand,
  validateCommand,
  rulesCommand,
  alertsCommand,
  stateCommand,
  topicsCommand,
  tapCommand,
  replayCommand,
  deadLettersCommand,
  doctorCommand,
  auditCommand,
  mappingsCommand,
  coverageCommand,
]
