import { isObject, type JsonObject, parseJson } from '../../json.ts'
import { fieldsOf } from './fields.ts'
import type { ParsedState } from './instance.ts'
import { StateFormatError } from './state-format-error.ts'
import { instancesOfV3 } from './v3.ts'
import { instancesOfV4 } from './v4.ts'

/**
 * Reads a Terraform or OpenTofu state of format 4 or 3. Needs no provider schema: attributes are taken as they
 * stand. Throws StateFormatError for what is no such state; it is never taken for an empty one.
 */
export function parseState(bytes: Buffer, source: string): ParsedState {
  const state = stateOf(bytes, source)
  const fields = fieldsOf(source)
  const instances = readerOf(state, source)(state, fields)
  const lineage = typeof state.lineage === 'string' && state.lineage !== '' ? state.lineage : source
  const terraformVersion = typeof state.terraform_version === 'string' ? state.terraform_version : ''
  return { source, lineage, serial: serialOf(state, source), terraformVersion, instances }
}

function stateOf(bytes: Buffer, source: string): JsonObject {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') {
    throw new StateFormatError(
      `${source}: the file is empty; write the state to it with terraform state pull`,
    )
  }
  let state: unknown
  try {
    state = parseJson(text)
  } catch {
    throw new StateFormatError(
      `${source}: not JSON, or only a part of it; if it is being written, the next look will find it whole`,
    )
  }
  if (isObject(state)) return state
  throw new StateFormatError(
    `${source}: JSON, but not a state; give the file that terraform state pull writes`,
  )
}

function readerOf(state: JsonObject, source: string): typeof instancesOfV4 {
  if ('encrypted_data' in state || 'encryption_version' in state) {
    throw new StateFormatError(
      `${source}: encrypted_data: the state is encrypted by OpenTofu; give what tofu state pull writes`,
    )
  }
  switch (state.version) {
    case 4:
      return instancesOfV4
    case 3:
      return instancesOfV3
    case undefined:
      throw new StateFormatError(notAState(state, source))
    default:
      throw new StateFormatError(
        `${source}: version: states of format ${Number(state.version)} are not read, only 4 and 3; ${wayToFormat4(state.version)}`,
      )
  }
}

function notAState(state: JsonObject, source: string): string {
  return 'format_version' in state
    ? `${source}: format_version: this is what terraform show -json writes; give what terraform state pull writes`
    : `${source}: version: missing, so this is not a state; give the file that terraform state pull writes`
}

function wayToFormat4(version: unknown): string {
  return Number(version) < 3
    ? 'upgrade it by running terraform apply of Terraform 0.11, then of 0.12 or later'
    : 'update TFDrift Streams'
}

/** Absent only in states that tools have written. */
function serialOf(state: JsonObject, source: string): number {
  const serial = state.serial ?? 0
  if (Number.isSafeInteger(serial)) return serial as number
  throw new StateFormatError(
    `${source}: serial: not a whole number; write the state anew with terraform state pull`,
  )
}
