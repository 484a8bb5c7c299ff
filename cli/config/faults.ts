import { didYouMean } from '../../processors/did-you-mean.ts'

/** A place in the configuration, such as ['bus', 'kafka', 'brokers', 0]. */
export type FieldPath = readonly (string | number)[]

/** One thing that is wrong with the configuration, and how to mend it. */
export interface Fault {
  file: string
  /** From 1; null where the fault is of the whole file. */
  line: number | null
  column: number | null
  /** bus.kafka.brokers[0]; empty for the whole file. */
  field: string
  message: string
  fix: string
}

/** The configuration cannot be used. Its message has a line for every fault. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly Fault[]
  constructor(faults: readonly Fault[]) {
    super(faults.map(formatFault).join('\n'))
    this.faults = faults
  }
}

/** FILE:LINE:COLUMN FIELD: MESSAGE; FIX */
export function formatFault({ file, line, column, field, message, fix }: Fault): string {
  const place = line === null ? file : `${file}:${line}:${column}`
  return `${field ? `${place} ${field}` : place}: ${message}; ${fix}`
}

export function formatField(path: FieldPath): string {
  return path.reduce<string>((field, step) => {
    if (typeof step === 'number') return `${field}[${step}]`
    return field ? `${field}.${step}` : step
  }, '')
}

/** The fix for a word that is none of the known ones. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = didYouMean(word, known)
  return meant ? `did you mean ${meant}?` : `choose one of ${known.join(', ')}`
}
