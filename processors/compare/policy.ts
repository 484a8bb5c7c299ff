import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * A policy document as a map from the canonical text of each statement to the statement as written. Two policies
 * are equal when their keys are: AWS reorders statements, adds and drops Sids, and collapses lists of one.
 * null where the value is not a policy document.
 *
 * A principal "*" equals {"AWS": "*"} in a resource policy, but not in a role's trust policy.
 */
export function statements(
  value: Json | undefined,
  options: { trust: boolean },
): Map<string, JsonObject> | null {
  const document = parseDocument(value)
  if (document === null) return null
  if (document.Statement === undefined && Object.keys(document).some((key) => !isPolicyKey(key))) return null
  const version = typeof document.Version === 'string' ? document.Version : '2008-10-17'
  const result = new Map<string, JsonObject>()
  for (const statement of listOf(document.Statement)) {
    if (!isObject(statement)) return null
    result.set(JSON.stringify([version, canonicalStatement(statement, options.trust)]), statement)
  }
  return result
}

function isPolicyKey(key: string): boolean {
  return key === 'Version' || key === 'Id'
}

/** An absent policy is {}. Texts may be URL-encoded, as some IAM answers are. */
function parseDocument(value: Json | undefined): JsonObject | null {
  if (value === undefined || value === null || value === '') return {}
  if (typeof value !== 'string') return isObject(value) ? value : null
  for (const text of [value, decode(value)]) {
    try {
      const parsed = JSON.parse(text) as Json
      if (isObject(parsed)) return parsed
    } catch {
      // Not JSON in this form: the next form, or no policy.
    }
  }
  return null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function canonicalStatement(statement: JsonObject, trust: boolean): Json {
  const result: [string, Json][] = []
  for (const key of Object.keys(statement).sort()) {
    const value = statement[key]!
    if (key === 'Sid') continue
    if (key === 'Action' || key === 'NotAction')
      result.push([key, sortedTexts(value, (text) => text.toLowerCase())])
    else if (key === 'Principal' || key === 'NotPrincipal') result.push([key, principal(value, trust)])
    else if (key === 'Condition') result.push([key, condition(value)])
    else if (key === 'Effect') result.push([key, value])
    else result.push([key, sortedTexts(value)])
  }
  return result
}

function principal(value: Json, trust: boolean): Json {
  if (!isObject(value)) return trust ? value : { AWS: ['*'] }
  const result: JsonObject = {}
  for (const kind of Object.keys(value).sort()) result[kind] = sortedTexts(value[kind]!, accountPrincipal)
  return result
}

/** 123456789012 and arn:aws:iam::123456789012:root are one principal. */
function accountPrincipal(text: string): string {
  const match = /^arn:aws[\w-]*:iam::(\d{12}):root$/.exec(text)
  return match ? match[1]! : text
}

function condition(value: Json): Json {
  if (!isObject(value)) return value
  return Object.keys(value)
    .sort()
    .map((operator) => {
      const keys = value[operator]!
      if (!isObject(keys)) return [operator, keys]
      const sorted = Object.keys(keys).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      return [operator, sorted.map((key) => [key.toLowerCase(), sortedTexts(keys[key]!)])]
    })
}

function sortedTexts(value: Json, map: (text: string) => string = (text) => text): Json {
  return [
    ...new Set(listOf(value).map((item) => map(typeof item === 'string' ? item : JSON.stringify(item)))),
  ].sort()
}

function listOf(value: Json | undefined): Json[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
