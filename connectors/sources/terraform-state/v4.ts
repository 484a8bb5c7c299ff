import { configAddress } from '../../../schemas/config-address.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { addressOf } from './address.ts'
import { type Fields, textsOf } from './fields.ts'
import { expandFlatmap } from './flatmap.ts'
import { inModule } from './in-module.ts'
import type { PathStep, StateInstance } from './instance.ts'
import { providerOf } from './provider.ts'

/** The managed instances of a state of format 4: Terraform 0.12 and later, OpenTofu. */
export function instancesOfV4(state: JsonObject, fields: Fields): StateInstance[] {
  return fields.list(state, 'resources', '').flatMap((item, index) => {
    const place = `resources[${index}]`
    const resource = fields.object(item, place)
    if (resource.mode !== 'managed') return []
    const instances = fields.list(resource, 'instances', place)
    return instances.map((instance, at) => {
      const inner = `${place}.instances[${at}]`
      return instanceOf(resource, fields.object(instance, inner), fields, place)
    })
  })
}

function instanceOf(
  resource: JsonObject,
  instance: JsonObject,
  fields: Fields,
  place: string,
): StateInstance {
  const type = fields.text(resource, 'type', place)
  const name = fields.text(resource, 'name', place)
  const module = typeof resource.module === 'string' ? resource.module : ''
  return {
    address: addressOf(module, type, name, instance.index_key),
    type,
    name,
    provider: providerOf(resource.provider, type),
    attributes: attributesOf(instance),
    identity: isObject(instance.identity) ? instance.identity : {},
    sensitivePaths: pathsOf(instance.sensitive_attributes),
    dependencies: dependenciesOf(instance, module),
    tainted: instance.status === 'tainted',
    deposedKey: typeof instance.deposed === 'string' && instance.deposed !== '' ? instance.deposed : null,
  }
}

function dependenciesOf({ dependencies, depends_on }: JsonObject, module: string): string[] {
  if (dependencies !== undefined) return textsOf(dependencies)
  return textsOf(depends_on).map((one) => inModule(one, configAddress(module)))
}

/** What Terraform 0.12 carried over from an older state and has not refreshed since is still flat. */
function attributesOf(instance: JsonObject): JsonObject {
  if (isObject(instance.attributes)) return instance.attributes
  return isObject(instance.attributes_flat) ? expandFlatmap(instance.attributes_flat) : {}
}

function pathsOf(value: unknown): PathStep[][] {
  const paths = Array.isArray(value) ? value : []
  return paths.filter((path) => Array.isArray(path) && path.length > 0).map((path) => path.flatMap(stepOf))
}

/** {type: get_attr, value: password} or {type: index, value: {value: 0, type: number}}. */
function stepOf(step: unknown): PathStep[] {
  const value = isObject(step) && isObject(step.value) ? step.value.value : isObject(step) ? step.value : null
  return typeof value === 'string' || typeof value === 'number' ? [value] : []
}
