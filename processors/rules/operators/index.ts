import { changed } from './changed.ts'
import { equals } from './equals.ts'

/** Every operator that a condition may use. */
export const operators = [changed, equals] as const
