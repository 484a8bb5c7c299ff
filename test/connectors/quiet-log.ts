import type { Logger } from '../../connectors/source.ts'

export interface LogLine {
  level: keyof Logger
  fields: Record<string, unknown>
  message: string
}

/** A logger that keeps its lines. */
export function quietLog(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: keyof Logger) => (fields: object, message: string) => {
    lines.push({ level, fields: fields as Record<string, unknown>, message })
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
