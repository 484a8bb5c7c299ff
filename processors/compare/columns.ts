import type { Json } from '../finding.ts'
import { isObject } from '../paths.ts'
import { canonicalText } from './canonical.ts'
import { parsed } from './text-forms.ts'

/** Names of one type in both dialects of BigQuery. */
const standard: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
}

/**
 * The columns of a schema, which is the list itself or an object with it as `fields`, as JSON or its text, each under
 * the text that equal ones have. null where it is no schema.
 */
export function columnsOf(schema: Json | undefined): Map<string, Json> | null {
  const list = listOf(schema)
  return list && new Map(list.map((column) => [canonicalText(columnOf(column)), column]))
}

function listOf(schema: Json | undefined): Json[] | null {
  const read = parsed(schema)
  const list = isObject(read) ? read.fields : read
  return Array.isArray(list) ? list : null
}

function columnOf(column: Json): Json {
  if (!isObject(column)) return column
  const { mode, type, fields, ...rest } = column
  const inner = listOf(fields)?.map(columnOf)
  const name = String(type).toUpperCase()
  return {
    ...rest,
    type: standard[name] ?? name,
    ...(mode !== undefined && mode !== 'NULLABLE' && { mode }),
    ...(inner && { fields: inner }),
  }
}
