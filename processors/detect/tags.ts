import type { EffectOf } from '../../mappings/format.ts'
import { isHashed } from '../../schemas/hashed-value.ts'
import type { Comparison } from '../compare/compare.ts'
import type { CloudCall, Json, StateRow } from '../finding.ts'
import { isLeftOut, leavesOut } from '../left-out.ts'
import { isObject, readPath } from '../paths.ts'
import { shellQuote } from '../shell-quote.ts'
import { mostDifferent } from './most-different.ts'
import { type DetectContext, type Draft, type Rows, type Step, target } from './step.ts'
import { type Extent, valuesOf } from './values.ts'

/** A tag that a call sets, or (value null) takes away. */
interface TagChange {
  key: string
  value: string | null
  /** Taken away only if it has this value. */
  onlyIf?: string
}

/** The call sets tags: what it does not name stays, or goes where the call replaces all. */
export function tag(call: CloudCall, effect: EffectOf<'tag'>, context: DetectContext): Step[] {
  return tagSteps(call, context, effect.tag, effect, (named, row) => {
    const set = named.map(([key, value]): TagChange => ({ key, value: value ?? '' }))
    if (!effect.whole || leavesOut(call.request)) return set
    const kept = new Set(named.map(([key]) => key))
    const gone = keysOf(row).filter((key) => !kept.has(key))
    return [...set, ...gone.map((key): TagChange => ({ key, value: null }))]
  })
}

/** The call takes tags away: one given with its value only if it has that value, and all where none is named. */
export function untag(call: CloudCall, effect: EffectOf<'untag'>, context: DetectContext): Step[] {
  return tagSteps(call, context, effect.untag, effect, (named, row) => {
    if (leavesOut(call.request)) return []
    const pairs = named.length > 0 ? named : keysOf(row).map((key): Pair => [key, undefined])
    return pairs.map(([key, value]) => ({ key, value: null, ...(value !== undefined && { onlyIf: value }) }))
  })
}

type Pair = [key: string, value: string | undefined]

function tagSteps(
  call: CloudCall,
  context: DetectContext,
  types: string[],
  paths: Extent & { id: string; tags: string },
  changesOf: (named: Pair[], row: StateRow) => TagChange[],
): Step[] {
  return valuesOf(call, paths).flatMap((values) => {
    const id = decodedArn(values.text(paths.id))
    if (id === null) return []
    const named = pairs(values.read(paths.tags))
    const concrete = typesOf(types, id, context)
    const targets = concrete.map((type) => target(call, context, type, id))
    return [{ keys: targets.flatMap(({ keys }) => keys), judge }]

    function judge(rows: Rows): Draft[] {
      const held = targets
        .map((one) => ({ one, found: one.find(rows).filter((row) => isTagged(row, one.id)) }))
        .find(({ found }) => found.length > 0)
      const one = held?.one ?? targets[0]
      if (!one) return []
      const base = {
        type: 'attribute_drift' as const,
        resourceType: one.type,
        id: one.id,
        scope: one.scope,
        compared: true,
      }
      if (!held) return [{ ...base, row: null, others: [], comparisons: [], reason: 'unmanaged' }]
      const { row, others, comparisons } = mostDifferent(held.found, (candidate) =>
        compareTags(candidate, changesOf(named, candidate), context),
      )
      if (comparisons.length === 0) return [{ ...base, row, others, comparisons, reason: 'no-effect' }]
      const differs = comparisons.some(({ equal }) => !equal)
      return [
        {
          ...base,
          id: row.id || one.id,
          row,
          others,
          comparisons,
          reason: differs ? null : 'as-declared',
          revertCommand: call.service === 'ec2.amazonaws.com' ? revertTags(one.id, comparisons) : null,
        },
      ]
    }
  })
}

/** Of the types that a tag call may mean, a cluster and an instance of one name have different ARNs. */
function isTagged({ arn, deposedKey }: StateRow, id: string): boolean {
  const [named, held] = [id.toLowerCase(), (arn ?? id).toLowerCase()]
  const other = named.startsWith('arn:') && !named.startsWith(held) && !held.startsWith(named)
  return deposedKey === null && !other
}

/** An ARN that stood in the path of the call is encoded in the log of some services. */
function decodedArn(id: string | null): string | null {
  return id !== null && /^arn%3A[\w.~%-]*$/i.test(id) && !/%(?![\da-f]{2})/i.test(id)
    ? decodeURIComponent(id)
    : id
}

function typesOf(types: readonly string[], id: string, { mappings }: DetectContext): readonly string[] {
  if (types[0] === 'by-id-prefix') return mappings.typesOfId(id)
  return types[0] === 'by-arn' ? mappings.typesOfArn(id) : types
}

/** Key and value in the spellings of the services: key, Key, tagKey; a map of them; or keys alone. */
function pairs(tags: Json | undefined): Pair[] {
  if (isLeftOut(tags)) return []
  const list = Array.isArray(tags) ? tags : isObject(tags) ? [tags] : []
  return list.flatMap((one): Pair[] => {
    if (typeof one === 'string') return [[one, undefined]]
    if (!isObject(one)) return []
    if (one === tags && !('key' in one || 'Key' in one || 'tagKey' in one))
      return Object.entries(one).map(([key, value]) => [key, String(value ?? '')])
    const key = one.key ?? one.Key ?? one.tagKey
    const value = one.value ?? one.Value ?? one.tagValue
    return typeof key === 'string'
      ? [[key, value === undefined || value === null ? undefined : String(value)]]
      : []
  })
}

/** Tags are compared as texts, with the provider's default tags counted in; AWS's own are left out. */
function compareTags(row: StateRow, changes: readonly TagChange[], context: DetectContext): Comparison[] {
  return changes
    .filter(({ key }) => !key.startsWith('aws:'))
    .map(({ key, value, onlyIf }) => {
      const attribute = `tags.${key}`
      const before = tagOf(row, key)
      const alike = (text: string) => (isHashed(before) ? hashed(text, context) : text)
      const kept = onlyIf !== undefined && before !== alike(onlyIf)
      const after = value === null ? null : alike(value)
      const equal = kept || (before ?? null) === after
      const sensitive = isHashed(before) || isHashed(after) || context.isSensitive(row.type, attribute)
      const shown = !equal && !sensitive
      return {
        attribute,
        slot: attribute,
        equal,
        law: kept ? 'another value, so not removed' : 'same tag',
        sensitive,
        apiName: `tags.${key}`,
        ...(shown && { oldValue: before, newValue: value ?? undefined }),
        ...(!sensitive && { state: before, event: value }),
      }
    })
}

/** Of a tag whose name says that it is a secret, the source has hashed the value already. */
function hashed(text: string, context: DetectContext): string {
  return isHashed(text) ? text : (context.hash?.(text) ?? text)
}

function keysOf(row: StateRow): string[] {
  const tags = readPath(row.attributes, 'tags_all') ?? readPath(row.attributes, 'tags')
  return isObject(tags) ? Object.keys(tags) : []
}

function tagOf(row: StateRow, key: string): string | undefined {
  for (const attribute of ['tags_all', 'tags']) {
    const tags = readPath(row.attributes, attribute)
    if (isObject(tags) && Object.hasOwn(tags, key)) return String(tags[key])
  }
  return undefined
}

function revertTags(id: string, comparisons: readonly Comparison[]): string | null {
  const changed = comparisons.filter(({ equal }) => !equal)
  if (changed.some(({ sensitive }) => sensitive)) return null
  const key = (one: Comparison) => one.attribute.slice('tags.'.length)
  const restored = changed.filter((one) => one.oldValue !== undefined)
  const added = changed.filter((one) => one.oldValue === undefined)
  const command = (verb: string, tags: object[]) =>
    `aws ec2 ${verb} --resources ${shellQuote(id)} --tags ${shellQuote(JSON.stringify(tags))}`
  const commands = [
    ...(restored.length > 0
      ? [
          command(
            'create-tags',
            restored.map((one) => ({ Key: key(one), Value: one.oldValue })),
          ),
        ]
      : []),
    ...(added.length > 0
      ? [
          command(
            'delete-tags',
            added.map((one) => ({ Key: key(one) })),
          ),
        ]
      : []),
  ]
  return commands.length > 0 ? commands.join(' && ') : null
}
