import { glob, isGlob } from '../glob.ts'
import { isWithin } from './attribute-path.ts'

/** How a name of what changed stands to the attribute of a condition. */
export type Relation =
  /** It is the attribute. */
  | 'same'
  /** It lies below the attribute. */
  | 'below'
  /** It changed as a whole, and the attribute lies at this path within it. */
  | { rest: string }
  | null

/** The attribute of a condition, prepared. */
export interface AttributePattern {
  text: string
  isGlob: boolean
  /** The attribute's first step, by which rules are found; null where that is a wildcard. */
  root: string | null
  relate(name: string): Relation
}

export function attributePattern(text: string): AttributePattern {
  return {
    text,
    isGlob: isGlob(text),
    root: rootOf(text),
    relate: isGlob(text) ? relateGlob(text) : relatePlain,
  }

  function relatePlain(name: string): Relation {
    if (name.length >= text.length) return name === text ? 'same' : isWithin(name, text) ? 'below' : null
    return isWithin(text, name) ? { rest: restOf(text, name.length) } : null
  }
}

/** The first step of a path: tags of tags.Env; null where that is a wildcard. */
export function rootOf(path: string): string | null {
  const root = /^[^.[]*/.exec(path)![0]
  return isGlob(root) ? null : root
}

function relateGlob(text: string): (name: string) => Relation {
  const isSame = glob(text)
  const isBelow = [glob(`${text}.*`), glob(`${text}[*`)]
  // Every beginning of the path, the longest first: ingress[*].cidr_blocks has ingress[*] and ingress.
  const ends = [...text.matchAll(/[.[]/g)].map(({ index }) => index).reverse()
  const above = ends.map((end) => ({ matches: glob(text.slice(0, end)), rest: restOf(text, end) }))
  return (name) => {
    if (isSame(name)) return 'same'
    if (isBelow.some((matches) => matches(name))) return 'below'
    const found = above.find(({ matches }) => matches(name))
    return found ? { rest: found.rest } : null
  }
}

function restOf(text: string, end: number): string {
  return text.slice(text[end] === '.' ? end + 1 : end)
}
