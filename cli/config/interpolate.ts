import { readFileSync } from 'node:fs'
import type { FieldPath } from './faults.ts'

export type Env = Readonly<Record<string, string | undefined>>

export interface Interpolated {
  value: unknown
  /** Texts that held a reference: their type is not yet what the schema wants. */
  touched: FieldPath[]
  problems: { path: FieldPath; message: string; fix: string }[]
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g
const VARIABLE = /^([A-Za-z_]\w*)(?::-(.*))?$/s

/**
 * Replaces references in every text of a parsed YAML value: ${NAME}, ${NAME:-default} (for a variable that is
 * unset or empty), ${file:/run/secrets/x} (without its last line break); $${ stands for ${. Keys stay as they are.
 */
export function interpolate(content: unknown, env: Env): Interpolated {
  const touched: FieldPath[] = []
  const problems: Interpolated['problems'] = []

  function walk(value: unknown, path: FieldPath): unknown {
    if (typeof value === 'string') return value.includes('${') ? replace(value, path) : value
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  function replace(text: string, path: FieldPath): string {
    touched.push(path)
    return text.replace(REFERENCE, (whole, inner: string | undefined, close: string) => {
      if (inner === undefined) return '${'
      const result = close ? resolve(inner, env) : malformed(whole)
      if (typeof result === 'string') return result
      problems.push({ path, ...result })
      return whole
    })
  }

  return { value: walk(content, []), touched, problems }
}

type Resolved = string | { message: string; fix: string }

function resolve(reference: string, env: Env): Resolved {
  if (reference.startsWith('file:')) return readSecret(reference.slice('file:'.length))
  const [, name, fallback] = VARIABLE.exec(reference) ?? []
  if (name === undefined) return malformed(`\${${reference}}`)
  const value = env[name]
  if (fallback !== undefined) return value || fallback
  return (
    value ?? {
      message: `environment variable ${name} is not set`,
      fix: `set it, or give a default: \${${name}:-default}`,
    }
  )
}

function readSecret(file: string): Resolved {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { message: `cannot read ${file} (${code})`, fix: 'mount the file or correct its path' }
  }
}

function malformed(text: string): Resolved {
  return {
    message: `${text} is not a reference`,
    fix: `write \${NAME}, \${NAME:-default} or \${file:/path}; for a literal \${ write $\${`,
  }
}
