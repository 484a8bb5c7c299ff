import { z } from 'zod'

/**
 * The format of a mapping file, one file a service. Paths (`id`, `each`, the keys of `attributes`, ...) are read in
 * the normalised request; `response.` reads the response, `item.` the element of `each`. `{path}` inside a text
 * makes a composite id, and `[/{path}]` adds to it what the call may leave out. A generator may write the same files;
 * see mappings/README.md.
 */
const path = z.string().min(1)
const types = z
  .union([z.string(), z.array(z.string()).nonempty()])
  .transform((t) => (Array.isArray(t) ? t : [t]))

/** How an attribute's values are compared; without one, scalars, lists and maps compare by value. */
export const kind = z.enum([
  'set',
  'list',
  'policy',
  'trust-policy',
  'json',
  'reference',
  'any-case',
  /** A map of which the call sets the keys that it names; the others stay. */
  'merged-map',
  'opaque',
])

const revert = z.union([
  z.string(),
  z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
])

const inline = z.strictObject({
  /** The type that may hold the child in an attribute of its own. */
  type: z.string(),
  id: path,
  attribute: z.string(),
  /** What the attribute holds for this child: a path, or an object of paths (set elements). */
  element: z.union([path, z.record(z.string(), path)]).optional(),
  /** The field that tells elements apart, where they are objects. */
  key: z.string().optional(),
  /** The attribute's whole value, where it is not a set of children. */
  value: path.optional(),
  /** The attribute is the JSON text of an IAM policy, and the children are the members of its bindings. */
  within: z.literal('iam-policy').optional(),
})

/** Where else a child may stand; the first that holds any decides. */
const inlines = z
  .union([inline, z.array(inline)])
  .default([])
  .transform((one) => (Array.isArray(one) ? one : [one]))

const values = {
  id: path,
  each: path.optional(),
  /** API path → Terraform path; `a | b`: whichever the state sets, else the first. */
  attributes: z.record(path, z.string()).default({}),
  /** Of a list of objects: its API path → Terraform's name of each field → API path in the element. */
  elements: z.record(path, z.record(z.string(), path)).default({}),
  /** API path of elements that the call adds to a set, or takes from it → Terraform path. */
  adds: z.record(path, z.string()).default({}),
  takes: z.record(path, z.string()).default({}),
  /** What an absent parameter means, where its parent object is present (a PUT of the whole). */
  defaults: z.record(path, z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
  /** Parameters that carry nothing Terraform declares. */
  ignore: z.array(path).default([]),
  /** API path → Terraform path that was set to something CloudTrail leaves out. */
  hidden: z.record(path, z.string()).default({}),
  revert: revert.default({}),
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

const effect = z.union([
  z.strictObject({
    update: types,
    ...values,
    /** Terraform path → the value that the call itself means. */
    set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    holds: holds.optional(),
  }),
  z.strictObject({ create: types, id: path, each: path.optional() }),
  z.strictObject({ delete: types, id: path, each: path.optional() }),
  z.strictObject({ put: z.string(), ...values, inline: inlines }),
  z.strictObject({
    remove: z.string(),
    id: path,
    each: path.optional(),
    inline: inlines,
    revert: revert.default({}),
  }),
  /** `by-id-prefix`: any type, told by the prefix of the id. */
  z.strictObject({ tag: types, id: path, each: path.optional(), tags: path }),
  z.strictObject({ untag: types, id: path, each: path.optional(), tags: path }),
  z.strictObject({ authorize: z.enum(['ingress', 'egress']) }),
  z.strictObject({ revoke: z.enum(['ingress', 'egress']) }),
])

const type = z.strictObject({
  /**
   * Attributes, besides id, under which calls name the resource; `{a}/{b}[/{c}]` composes one, with c where there is
   * one. What the provider declares (identities.tsv) and what is usual (usual-names.ts) need not be named.
   */
  names: z.array(z.string()).default([]),
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
})

export const serviceMapping = z.strictObject({
  service: z.string(),
  types: z.record(z.string(), type).default({}),
  calls: z.record(z.string(), z.array(effect).nonempty()).default({}),
  noEffect: z.array(z.string()).default([]),
})

export type ServiceMapping = z.infer<typeof serviceMapping>
export type TypeMapping = z.infer<typeof type> & { global: boolean; anyCase: boolean }
export type DescribedType = z.infer<typeof type>
export type Effect = z.infer<typeof effect>
export type EffectOf<Verb extends string> = Extract<Effect, Record<Verb, unknown>>
export type Inline = z.infer<typeof inline>
export type Holds = z.infer<typeof holds>
export type Kind = z.infer<typeof kind>
export type Revert = z.infer<typeof revert>
