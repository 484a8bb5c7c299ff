import { added } from './added.ts'
import { changed } from './changed.ts'
import { cidrContains } from './cidr-contains.ts'
import { cidrPublic } from './cidr-public.ts'
import { contains } from './contains.ts'
import { equals } from './equals.ts'
import { exists } from './exists.ts'
import { glob } from './glob.ts'
import { gt } from './gt.ts'
import { gte } from './gte.ts'
import { isIn } from './in.ts'
import { lt } from './lt.ts'
import { lte } from './lte.ts'
import { matches } from './matches.ts'
import { notContains } from './not-contains.ts'
import { notEquals } from './not-equals.ts'
import { notIn } from './not-in.ts'
import { policyAllowsPublic } from './policy-allows-public.ts'
import { policyGrants } from './policy-grants.ts'
import { portsContain } from './ports-contain.ts'
import { removed } from './removed.ts'

/** Every operator that a condition may use. */
export const operators = [
  changed,
  added,
  removed,
  equals,
  notEquals,
  isIn,
  notIn,
  contains,
  notContains,
  matches,
  glob,
  gt,
  gte,
  lt,
  lte,
  exists,
  cidrContains,
  cidrPublic,
  portsContain,
  policyAllowsPublic,
  policyGrants,
] as const
