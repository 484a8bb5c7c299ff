import { sha256 } from '../hash.ts'
import type { DetectContext } from './step.ts'

/** The slot of one element of an attribute. It is kept on a topic: of a secret it holds the hash, never the text. */
export function elementSlot(
  attribute: string,
  text: string,
  { sensitive, context }: { sensitive: boolean; context: Pick<DetectContext, 'hash'> },
): string {
  return `${attribute}#${sensitive ? (context.hash?.(text) ?? sha256(text)) : text}`
}
