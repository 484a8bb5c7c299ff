import { z } from 'zod'
import { kind } from './kind.ts'
import { path } from './template-path.ts'

/**
 * The format of a mapping file, one file a service. Paths (`id`, `each`, the keys of `attributes`, ...) are read in
 * the normalised request; `response.` reads the response, `item.` the element of `each`, `call.account` the account;
 * `a[key=x].b` reads b of the element of a whose key is x; `item` alone is the element itself, or, without `each`, the
 * whole request. In an id, `{path}` inside a text makes a composite (`{path:dns}`, `:last`, `:lower`, `:path` change what
 * is put in: processors/template.ts), `[/{path}]` adds what may be absent, `=text` is that text, and ` | ` separates
 * alternatives. A generator may write the same files.
 */

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
type Scalar = z.infer<typeof scalar>

/**
 * Where the effect holds: path → the value, or one of several, that must stand there; `*`: any, `docdb*`: any that
 * begins so, `+`: any but an empty text, null: none. ` | ` separates alternatives, of which the first that is there
 * counts.
 */
const when = z.record(path, z.union([scalar, z.array(scalar)])).optional()

/** `540s` in seconds or milliseconds, a time in milliseconds since 1970, bytes in gigabytes, `a, b` in words. */
const unit = z.enum(['seconds', 'milliseconds', 'epoch-milliseconds', 'gigabytes', 'words'])
export type Unit = z.infer<typeof unit>

/** Another list of the call, and the fields (`a | b`: the first that is there) by whose values its elements are those of `each`. */
const other = z.strictObject({ list: path, by: z.array(path).nonempty() }).optional()

/** For which things the call has the effect: for each element of a list, those that the other has or has not. */
const extent = { each: path.optional(), among: other, except: other, when }

/** Terraform's names of the fields of a block → where its values lie in the API's element; `a | b`: in either. */
export interface Fields {
  [field: string]:
    | string
    | { value: string; default?: Scalar | undefined; translate?: Record<string, Scalar> | undefined }
    | { pairs: string }
    | { each: string; fields: Fields }
}
const fields: z.ZodType<Fields> = z.record(
  z.string(),
  z.union([
    path,
    /** What an absent value means; what the API calls a value → what Terraform calls it. */
    z.strictObject({
      value: path,
      default: scalar.optional(),
      translate: z.record(z.string(), scalar).optional(),
    }),
    /** A list of pairs of Key (or name) and Value, which is a map in Terraform. */
    z.strictObject({ pairs: path }),
    /** A block within the block, one or more. */
    z.strictObject({ each: path, fields: z.lazy(() => fields) }),
  ]),
)

/** Elements that are told apart by one field; those that the call does not name stay as they are. */
const keyed = z.record(path, z.strictObject({ attribute: z.string(), key: z.string(), fields }))
const types = z
  .union([z.string(), z.array(z.string()).nonempty()])
  .transform((t) => (Array.isArray(t) ? t : [t]))

const revert = z.union([
  z.string(),
  z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
])

const inline = z.strictObject({
  /** The type that may hold the child in an attribute of its own. */
  type: z.string(),
  id: path,
  when,
  attribute: z.string(),
  /** Attributes that hold other such children: it holds them inline where any of these is not empty. */
  beside: z.array(z.string()).optional(),
  /** What the attribute holds for this child: a path, or an object of paths (set elements). */
  element: z.union([path, z.record(z.string(), path)]).optional(),
  /** The field that tells elements apart, where they are objects; `a | b`: the first that an element sets. */
  key: z.string().optional(),
  /** The attribute's whole value, where it is not a set of children. */
  value: path.optional(),
  /** The attribute is a map, and the child that entry of it whose key lies here. */
  entry: path.optional(),
  /** The attribute is the JSON text of an IAM policy, and the children are the members of its bindings. */
  within: z.literal('iam-policy').optional(),
  /** What the call sets in that resource, where the child is more than one value. */
  sets: z.lazy(() => sets).optional(),
  /** A call that says no more than the child's name says all of it; else it is not compared. */
  nameIsAll: z.literal(true).optional(),
  /** Others may hold further children: only those that the attribute names are this resource's. */
  partial: z.boolean().default(false),
})

/** Where else a child may stand; the first that holds any decides. */
const inlines = z
  .union([inline, z.array(inline)])
  .default([])
  .transform((one) => (Array.isArray(one) ? one : [one]))

const values = {
  id: path,
  ...extent,
  /** API path → Terraform path; `a | b`: whichever the state sets, else the first. */
  attributes: z.record(path, z.string()).default({}),
  /** Of a list of objects: its API path → the fields of the block. Only these are compared; order within it is none. */
  elements: z.record(path, fields).default({}),
  /** API path of such a list, of which the call writes the elements that it names. */
  upserts: keyed.default({}),
  /** The same, and it takes them away. */
  drops: keyed.default({}),
  /** API path (or Terraform's, of an alternative) → what the API calls a value → what Terraform calls it. */
  translate: z.record(path, z.record(z.string(), scalar)).default({}),
  /** API path → in which unit, or form, Terraform has the value: processors/detect/units.ts. */
  units: z.record(path, unit).default({}),
  /** API path of elements that the call adds to a set, or takes from it → Terraform path. */
  adds: z.record(path, z.string()).default({}),
  takes: z.record(path, z.string()).default({}),
  /** API path of a map of which this call sets the keys that it names, where others set the whole. */
  merges: z.array(path).default([]),
  /** What an absent parameter means, where its parent object is present (a PUT of the whole). */
  defaults: z.record(path, scalar).default({}),
  /** Terraform's block → API path → what the service puts there where the state has no such block. */
  fills: z.record(z.string(), z.record(path, scalar)).default({}),
  /** The object of which the call sets the whole: where it is there, defaults count however deep they lie. */
  replaces: path.optional(),
  /** Parameters that carry nothing Terraform declares. */
  ignore: z.array(path).default([]),
  /** API path → Terraform path that was set to something CloudTrail leaves out. */
  hidden: z.record(path, z.string()).default({}),
  /** Terraform path → the value that the call itself means; null: it takes it away. */
  set: z.record(z.string(), scalar).default({}),
  revert: revert.default({}),
}

const sets = z.strictObject(values).omit({ id: true, each: true, when: true, ignore: true, revert: true })

/** Of tag calls: where the tags lie, as a list of pairs, a map, or (untag) a list of keys. */
const tagging = {
  id: path,
  ...extent,
  tags: path,
}

/** All children in one list of the call; compared where the resource holds them inline. */
const holds = z.strictObject({
  /** The type that such a child has where it stands on its own. */
  type: z.string(),
  list: path,
  attribute: z.string(),
  element: z.record(z.string(), path),
  key: z.string(),
})

/** Of rules of a security group. */
const direction = z.enum(['ingress', 'egress'])

const effect = z.union([
  z.strictObject({
    update: types,
    ...values,
    holds: holds.optional(),
  }),
  z.strictObject({ create: types, id: path, ...extent }),
  /** `unless`: path of the names of those that the call, by its answer, did not delete. */
  z.strictObject({ delete: types, id: path, ...extent, unless: path.optional() }),
  /** A deletion is taken back: what a state holds is there again; of what none holds, nothing is said. */
  z.strictObject({ restore: types, id: path, ...extent }),
  z.strictObject({ put: z.string(), ...values, inline: inlines }),
  z.strictObject({
    remove: z.string(),
    id: path,
    ...extent,
    /** The parent of which the call lists all children in `each`: those that it does not list are taken away. */
    rest: path.optional(),
    inline: inlines,
    revert: revert.default({}),
  }),
  /** `by-id-prefix`: any type, told by the prefix of the id; `by-arn`: any type of the service that the ARN names. */
  z.strictObject({
    tag: types,
    ...tagging,
    /** The call replaces all tags: those that it does not name are taken away. */
    whole: z.boolean().default(false),
  }),
  z.strictObject({ untag: types, ...tagging }),
  /**
   * Who may do what with a resource of Google: its types of grants, without `_member`, `_binding` and `_policy`, each
   * with the resource's id as the ids of its grants have it. The first type that a state holds counts.
   */
  z.strictObject({ grant: z.record(z.string(), path), when }),
  z.strictObject({ authorize: direction }),
  z.strictObject({ revoke: direction }),
  /** Rules get other descriptions. */
  z.strictObject({ describe: direction }),
  /** Rules that are named by their ids are written anew, whichever direction they have. */
  z.strictObject({ rewrite: z.literal('rules') }),
])

const type = z.strictObject({
  /**
   * Attributes, besides id, under which calls name the resource; `{a}/{b}` composes one, with all that ids may have.
   * What the provider declares (identities.tsv) and what is usual (usual-names.ts) need not be named.
   */
  names: z.array(path).default([]),
  /** Prefix of its ids in calls that name resources of any type (EC2's tag calls). */
  idPrefix: z.string().optional(),
  /** Not bound to a region. Without it: as identities.tsv has it. */
  global: z.boolean().optional(),
  /** Calls may write its names in capitals; the service keeps them in lower case. */
  lowerCase: z.boolean().default(false),
  /** Names are the same whatever their case, in calls and in states. Without it: of Azure, and of grants of Google. */
  anyCase: z.boolean().optional(),
  /** Calls may put a version or an alias behind its name: `NAME:ALIAS`. */
  qualified: z.boolean().default(false),
  /**
   * What names the resource that it is a child of: an attribute, a text with `{attribute}` in it, or `id/../..`: the
   * id without its last two parts.
   */
  parent: z.string().optional(),
  kinds: z.record(z.string(), kind).default({}),
  /** What an attribute means that the state leaves empty: a call that says the same changes nothing. */
  unset: z.record(z.string(), scalar).default({}),
  /** Attributes that the service itself moves: autoscaled capacity. What its own role sets there is no drift. */
  movedByService: z.array(z.string()).default([]),
})

export const serviceMapping = z.strictObject({
  service: z.string(),
  /** The service's name in ARNs, where that is not the first word of `service`. */
  arnNamespace: z.string().optional(),
  types: z.record(z.string(), type).default({}),
  calls: z.record(z.string(), z.array(effect).nonempty()).default({}),
  noEffect: z.array(z.string()).default([]),
  /** Parameters of all calls of the service that carry nothing Terraform declares. */
  ignore: z.array(path).default([]),
})

export type ServiceMapping = z.infer<typeof serviceMapping>
export type TypeMapping = z.infer<typeof type> & { global: boolean; anyCase: boolean }
export type DescribedType = z.infer<typeof type>
export type Effect = z.infer<typeof effect>
export type EffectOf<Verb extends string> = Extract<Effect, Record<Verb, unknown>>
export type Inline = z.infer<typeof inline>
export type Holds = z.infer<typeof holds>
export type Revert = z.infer<typeof revert>
