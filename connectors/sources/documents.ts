import { parseJson } from '../json.ts'

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
  const reader = { text, mayCrossLines: true }
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

/** Yields the value at `at`, or the lines up to the next one that opens a value; returns where it ends. */
function* bareValue(
  reader: { text: string; mayCrossLines: boolean },
  at: number,
): Generator<JsonDocument, number> {
  const { text } = reader
  lineThatOpens.lastIndex = at
  const boundary = lineThatOpens.test(text) ? lineThatOpens.lastIndex - 1 : text.length
  const lines = text.slice(at, boundary).trimEnd()
  const value = parse(lines)
  if (value !== undefined) {
    yield { text: lines, value }
    return boundary
  }
  const end = endOfValue(text, at, reader.mayCrossLines ? text.length : boundary)
  const piece = end === null ? '' : text.slice(at, end)
  const inPiece = parse(piece)
  if (inPiece !== undefined) {
    yield { text: piece, value: inPiece }
    return end!
  }
  // Once is enough: in a file of broken lines every one of them would be searched to the end of the file.
  reader.mayCrossLines = false
  yield { text: lines, value: undefined }
  return boundary
}

const lineThatOpens = /\n[{[]/g

function endOfElement(text: string, at: number): number | null {
  if (text[at] === '{' || text[at] === '[' || text[at] === '"') return endOfValue(text, at, text.length)
  bare.lastIndex = at
  return bare.test(text) ? bare.lastIndex : null
}

const bare = /[^,\]{["]+/y

/** Where the value at `at` ends, by counting brackets outside of strings; null if it does not before `limit`. */
function endOfValue(text: string, at: number, limit: number): number | null {
  let depth = 0
  for (let i = at; i < limit; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfString(text, i)
        if (end === null) return null
        i = end
        break
      }
      case 0x5b:
      case 0x7b:
        depth++
        continue
      case 0x5d:
      case 0x7d:
        depth--
        break
      default:
        continue
    }
    if (depth <= 0) return i < limit ? i + 1 : null
  }
  return null
}

function endOfString(text: string, quote: number): number | null {
  let end = quote
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return null
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
}

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
