import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { cidrsOf } from './cidr.ts'
import { allowsOf, bindingsOf, textList } from './policy-reading.ts'

const everybody = new Set(['allUsers', 'allAuthenticatedUsers'])

/** Does a policy, or a member of a Google grant, let in everybody? */
export function allowsPublic(value: Json): boolean {
  return (
    textList(value).some((member) => everybody.has(member)) ||
    allowsOf(value).some((one) => isForEverybody(one) && !isNarrowed(one.Condition)) ||
    bindingsOf(value).some(({ members, member }) =>
      [...textList(members), ...textList(member)].some((one) => everybody.has(one)),
    )
  )
}

function isForEverybody({ Principal, NotPrincipal }: JsonObject): boolean {
  if (NotPrincipal !== undefined) return true
  if (!isObject(Principal)) return textList(Principal).includes('*')
  return textList(Principal.AWS).includes('*')
}

/** Keys that name who or from where; AWS holds a policy that fixes one of them to be not public. */
const narrowing = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpcarn',
  'aws:sourcevpce',
  'aws:userid',
  'aws:vpcsourceip',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
])

/** Operators that hold only if the key is there: not ForAllValues, not …IfExists, nothing negated. */
const positive = /^(foranyvalue:)?(stringequals(ignorecase)?|stringlike|arnequals|arnlike|ipaddress)$/i

function isNarrowed(condition: Json | undefined): boolean {
  if (!isObject(condition)) return false
  return Object.entries(condition).some(
    ([operator, keys]) =>
      positive.test(operator) &&
      isObject(keys) &&
      Object.entries(keys).some(
        ([key, values]) => narrowing.has(key.toLowerCase()) && areFixed(textList(values)),
      ),
  )
}

/** A wildcard for all, or for the account of an ARN, narrows nothing; nor does a range of half the internet. */
function areFixed(values: readonly string[]): boolean {
  return (
    values.length > 0 &&
    values.every((value) => !/^\*+$|^arn:[^:]*:[^:]*:[^:]*:\*+:/.test(value) && !isWide(value))
  )
}

function isWide(value: string): boolean {
  return cidrsOf(value).some(({ bits, prefix }) => prefix < (bits === 32 ? 8 : 32))
}
