import { z } from 'zod'

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
  /** The same of Google's resources, whose links and paths name their project, too. */
  'link',
  'any-case',
  /** An IP protocol: by number or by name. */
  'protocol',
  /** A domain name: with or without its last dot, in any case. */
  'dns',
  /** A type of machine of a search domain: `.search` in the newer API, `.elasticsearch` in the older. */
  'search-machine',
  /** Networks: an address alone is the network of that one. */
  'network',
  /** The columns of a table of BigQuery, as JSON: a set. */
  'columns',
  /** A version of which the state may say no more than the beginning: 8.0 is any 8.0.35, 6.x any 6.2. */
  'version',
  /** A map of which the call sets the keys that it names; the others stay. */
  'merged-map',
  /** A map of which the provider minds only the keys that the configuration names: annotations. */
  'declared-map',
  /** A map whose values are quantities of Kubernetes: 1 is 1000m. */
  'quantities',
  'quantity',
  /** A map, which is a list of names and values in the call. */
  'pairs',
  /** A block that says all by being there, like `allow {}`. */
  'presence',
  /** A list of blocks, which is no set: of each block the smallest part that differs is reported. */
  'blocks',
  /** A number that may be missing: 0 is not the same as none. */
  'nullable',
  'opaque',
])
export type Kind = z.infer<typeof kind>
