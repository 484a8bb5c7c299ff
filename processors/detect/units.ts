import type { Unit } from '../../mappings/format.ts'
import type { Json } from '../finding.ts'

/** A value of the API in Terraform's unit; what has another form stays as it is. */
export function inUnit(value: Json, unit: Unit): Json {
  const text = String(value)
  switch (unit) {
    case 'seconds':
      return seconds(text) ?? value
    case 'milliseconds': {
      const known = seconds(text)
      return known === null ? value : known * 1000
    }
    case 'epoch-milliseconds': {
      const time = Date.parse(text)
      return Number.isNaN(time) ? value : time
    }
    case 'gigabytes':
      return /^\d+$/.test(text) ? Number(text) / 2 ** 30 : value
    case 'words':
      return typeof value === 'string' ? value.split(/[,\s]+/).filter((word) => word !== '') : value
  }
}

function seconds(text: string): number | null {
  const [, number] = /^(\d+(?:\.\d+)?)s$/.exec(text) ?? []
  return number === undefined ? null : Number(number)
}
