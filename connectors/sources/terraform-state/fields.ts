import { isObject, type JsonObject } from '../../json.ts'
import { StateFormatError } from './state-format-error.ts'

/** Reads the fields of a state, naming file and field where they are not what the format says. */
export interface Fields {
  /** Absent and null are an empty list. */
  list(holder: JsonObject, name: string, place: string): unknown[]
  object(value: unknown, place: string): JsonObject
  text(holder: JsonObject, name: string, place: string): string
}

export function fieldsOf(source: string): Fields {
  function refuse(place: string, expected: string): never {
    throw new StateFormatError(
      `${source}: ${place} is not ${expected}; the state is damaged: restore it, or write it anew with terraform state pull`,
    )
  }

  return {
    list(holder, name, place) {
      const value = holder[name] ?? []
      return Array.isArray(value) ? value : refuse(placeIn(place, name), 'a list')
    },
    object: (value, place) => (isObject(value) ? value : refuse(place, 'an object')),
    text(holder, name, place) {
      const value = holder[name]
      return typeof value === 'string' && value !== '' ? value : refuse(placeIn(place, name), 'a text')
    },
  }
}

function placeIn(place: string, name: string): string {
  return place ? `${place}.${name}` : name
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
