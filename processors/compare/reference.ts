import type { Json } from '../finding.ts'

/** arn:aws:iam::1:role/path/name, path/name and name are one reference. */
export function lastSegment(text: string): string {
  return /[^:/]*$/.exec(text)?.[0] ?? text
}

/** Links and paths are compared from the project on; by name alone where one of them is no more than a name. */
export function linkForm(...sides: (Json | undefined)[]): (text: string) => string {
  const texts = sides.flat().filter((one) => typeof one === 'string' && one !== '')
  return texts.every((text) => projectPath.test(String(text)))
    ? (text) => projectPath.exec(text)?.[1] ?? text
    : lastSegment
}

/** A state that has names alone is shown names. */
export function inFormOf(state: Json | undefined, event: Json): Json {
  const isName = typeof state === 'string' && state !== '' && !state.includes('/')
  return isName && typeof event === 'string' ? lastSegment(event) : event
}

const projectPath = /(?:^|\/)(projects\/[^/]+\/.+)$/
