import { z } from 'zod'

/**
 * The format of a mapping file, one file a service. Paths (`id`, `each`, the keys of `attributes`, ...) are read in
 * the normalised request; `response.` reads the response, `item.` the element of `each`, `call.account` the account;
 * `a[key=x].b` reads b of the element of a whose key is x. In an id, `{path}` inside a text makes a composite (`{path:dns}`, `:last`, `:lower`,
 * `:base` change what is put in: processors/template.ts), `[/{path}]` adds what may be absent, and ` | ` separates alternatives.
 * A generator may write the same files.
 */
/** What `{path:modifier}` in a template may name. */
export const modifiers = ['dns', 'last', 'lower', 'base'] as const
export type Modifier = (typeof modifiers)[number]

const path = z
  .string()
  .min(1)
  .refine((text) => modifiersIn(text).every((name) => (modifiers as readonly string[]).includes(name)), {
    message: `{path:modifier} has one of ${modifiers.join(', ')}`,
  })

function modifiersIn(text: string): string[] {
  return [...text.matchAll(/\{[^}]+?:(\w+)\}/g)].map((match) => match[1]!)
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Where the effect holds: path → the value, or one of several, that must stand there; `*`: any, null: none. */
const when = z.record(path, z.union([scalar, z.array(scalar)])).optional()

/** Terraform's names of the fields of a block → where its values lie in the API's element. */
export interface Fields {
  [field: string]:
    | string
    | { value: string; default: string | number | boolean }
    | { each: string; fields: Fields }
}
const fields: z.ZodType<Fields> = z.record(
  z.string(),
  z.union([
    path,
    z.strictObject({ value: path, default: z.union([z.string(), z.number(), z.boolean()]) }),
    /** A block within the block, one or more. */
    z.strictObject({ each: path, fields: z.lazy(() => fields) }),
  ]),
)

/** Elements that are told apart by one field; those that the call does not name stay as they are. */
const keyed = z.record(path, z.strictObject({ attribute: z.string(), key: z.string(), fields }))
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
  /** A name, an ARN or a link: the last part of each tells whether they are one; a list of them is a set. */
  'reference',
  /** The same of what may have colons in its name: what stands behind the last slash. */
  'base-reference',
  'any-case',
  /** A domain name: with or without its last dot, in any case. */
  'dns',
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
  when,
  /** API path → Terraform path; `a | b`: whichever the state sets, else the first. */
  attributes: z.record(path, z.string()).default({}),
  /** Of a list of objects: its API path → the fields of the block. Only these are compared; order within it is none. */
  elements: z.record(path, fields).default({}),
  /** API path of such a list, of which the call writes the elements that it names. */
  upserts: keyed.default({}),
  /** The same, and it takes them away. */
  drops: keyed.default({}),
  /** API path → what the API calls a value → what Terraform calls it. */
  translate: z.record(path, z.record(z.string(), scalar)).default({}),
  /** API path of elements that the call adds to a set, or takes from it → Terraform path. */
  adds: z.record(path, z.string()).default({}),
  takes: z.record(path, z.string()).default({}),
  /** What an absent parameter means, where its parent object is present (a PUT of the whole). */
  defaults: z.record(path, scalar).default({}),
  /** Parameters that carry nothing Terraform declares. */
  ignore: z.array(path).default([]),
  /** API path → Terraform path that was set to something CloudTrail leaves out. */
  hidden: z.record(path, z.string()).default({}),
  /** Terraform path → the value that the call itself means. */
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  revert: revert.default({}),
}

/** Of tag calls: where the tags lie, as a list of pairs, a map, or (untag) a list of keys. */
const tagging = {
  id: path,
  each: path.optional(),
  when,
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

const effect = z.union([
  z.strictObject({
    update: types,
    ...values,
    holds: holds.optional(),
  }),
  z.strictObject({ create: types, id: path, each: path.optional(), when }),
  z.strictObject({ delete: types, id: path, each: path.optional(), when }),
  z.strictObject({ put: z.string(), ...values, inline: inlines }),
  z.strictObject({
    remove: z.string(),
    id: path,
    each: path.optional(),
    when,
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
  z.strictObject({ authorize: z.enum(['ingress', 'egress']) }),
  z.strictObject({ revoke: z.enum(['ingress', 'egress']) }),
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
  /** Attributes that the service moves by itself (contract 4): a change of them by a service's own role is none. */
  movedByService: z.array(z.string()).default([]),
  kinds: z.record(z.string(), kind).default({}),
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
export type Kind = z.infer<typeof kind>
export type Revert = z.infer<typeof revert>
