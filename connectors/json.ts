export type JsonObject = { [key: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * JSON.parse, except that integers which a double cannot hold exactly become texts of their digits instead of
 * other integers. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  return JSON.parse(longNumber.test(text) ? quoteLongIntegers(text) : text)
}

const longNumber = /[:[,]\s*-?\d{16}/
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs

function quoteLongIntegers(text: string): string {
  return text.replace(stringOrNumber, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  )
}
