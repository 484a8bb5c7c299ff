import { parseJson } from '../json.ts'
import { endOfValue } from './end-of-value.ts'

/** One JSON value of a text, with the piece of text that it was read from. */
export interface JsonDocument {
  text: string
  /** undefined: the piece is not JSON. */
  value: unknown
}

/** How often a list may be picked up again after a record that swallows what follows it. Bounds the work. */
const MAX_RECOVERIES = 20

/**
 * The JSON values of a text, one by one: the elements of a list or of `{"Records":[…]}`, the lines of NDJSON, or
 * values written one after the other. What is not JSON is a document of its own, and reading goes on at the next
 * record: the next element, or the next line that opens one.
 */
export function* jsonDocuments(text: string): Generator<JsonDocument> {
  const reader = { text, boundary: 0, mayCrossLines: true }
  let at = skip(blank, text, 0)
  while (at < text.length) {
    opening.lastIndex = at
    const list = opening.exec(text)
    at = list ? yield* elements(text, at, opening.lastIndex) : yield* bareValue(reader, at)
    at = skip(blank, text, at)
  }
}

const blank = /\s*/y
const blankOrComma = /[\s,]*/y
const opening = /\[|\{\s*"[Rr]ecords"\s*:\s*\[/y
const closing = /\s*\}/y

/** Yields the elements of the list that begins at `first`; returns where the value that holds it ends. */
function* elements(text: string, opened: number, first: number): Generator<JsonDocument, number> {
  let signature: string | undefined
  let recoveries = 0
  let at = first
  for (;;) {
    at = skip(blankOrComma, text, at)
    if (at >= text.length) {
      // Cut off between two records: nothing else would tell.
      yield { text: '', value: undefined }
      return at
    }
    if (text[at] === ']') return endOfHolder(text, opened, at + 1)
    const end = endOfElement(text, at)
    const piece = text.slice(at, end ?? text.length)
    const value = parse(piece)
    // Records of one writer begin alike: that is where to go on behind one whose quotes or braces do not match.
    signature ??= /^\{\s*"[^"\\]*"\s*:/.exec(piece)?.[0]
    const next = value === undefined && signature ? text.indexOf(signature, at + 1) : -1
    if (next !== -1 && next < at + piece.length && recoveries++ < MAX_RECOVERIES) {
      yield { text: text.slice(at, next), value: undefined }
      at = next
    } else {
      yield { text: piece, value }
      at += piece.length
      if (end === null) return at
    }
  }
}

/** `{"Records":[…]}` ends behind its brace, and behind whatever keys follow the list. */
function endOfHolder(text: string, opened: number, afterList: number): number {
  if (text[opened] === '[') return afterList
  closing.lastIndex = afterList
  return closing.test(text) ? closing.lastIndex : (endOfValue(text, opened, text.length) ?? text.length)
}

interface Reader {
  text: string
  /** Where the next line begins that opens a value. */
  boundary: number
  /** Whether a value may have such a line within it. */
  mayCrossLines: boolean
}

/** Yields the value at `at`, or the lines up to the next one that opens a value; returns where it ends. */
function* bareValue(reader: Reader, at: number): Generator<JsonDocument, number> {
  const { text } = reader
  if (at >= reader.boundary) reader.boundary = nextLineThatOpens(text, at)
  for (const limit of reader.mayCrossLines ? [reader.boundary, text.length] : [reader.boundary]) {
    const end = endOfValue(text, at, limit)
    const piece = end === null ? '' : text.slice(at, end)
    const value = parse(piece)
    if (value === undefined) continue
    yield { text: piece, value }
    return at + piece.length
  }
  // Once is enough: in a file of broken lines every one of them would be searched to the end of the file.
  reader.mayCrossLines = false
  const lines = text.slice(at, reader.boundary).trimEnd()
  yield { text: lines, value: parse(lines) }
  return reader.boundary
}

function nextLineThatOpens(text: string, at: number): number {
  lineThatOpens.lastIndex = at
  return lineThatOpens.test(text) ? lineThatOpens.lastIndex - 1 : text.length
}

const lineThatOpens = /\n[{[]/g

function endOfElement(text: string, at: number): number | null {
  if (text[at] === '{' || text[at] === '[' || text[at] === '"') return endOfValue(text, at, text.length)
  bare.lastIndex = at
  return bare.test(text) ? bare.lastIndex : null
}

const bare = /[^,\]{["]+/y

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.test(text)
  return pattern.lastIndex
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
