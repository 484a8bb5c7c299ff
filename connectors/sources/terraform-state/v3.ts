import { isObject, type JsonObject } from '../../json.ts'
import { addressOf } from './address.ts'
import { type Fields, textsOf } from './fields.ts'
import { expandFlatmap } from './flatmap.ts'
import { inModule } from './in-module.ts'
import type { StateInstance } from './instance.ts'
import { providerOf } from './provider.ts'

/** The managed instances of a state of format 3: Terraform 0.7 to 0.11. */
export function instancesOfV3(state: JsonObject, fields: Fields): StateInstance[] {
  return fields.list(state, 'modules', '').flatMap((item, index) => {
    const place = `modules[${index}]`
    const module = fields.object(item, place)
    const resources = fields.object(module.resources ?? {}, `${place}.resources`)
    return Object.entries(resources).flatMap(([key, resource]) =>
      key.startsWith('data.')
        ? []
        : instancesAt(key, fields.object(resource, `${place}.resources.${key}`), moduleOf(module)),
    )
  })
}

/** ["root", "net", "web"] is module.net.module.web. */
function moduleOf(module: JsonObject): string {
  const [, ...names] = textsOf(module.path)
  return names.map((name) => `module.${name}`).join('.')
}

/** The current object of a resource, and those that wait to be destroyed, which have no keys of their own here. */
function instancesAt(key: string, resource: JsonObject, module: string): StateInstance[] {
  const [type = '', name = '', index] = key.split('.')
  const shared = {
    address: addressOf(module, type, name, index === undefined ? undefined : Number(index)),
    type,
    name,
    provider: providerOf(resource.provider, type),
    sensitivePaths: [],
    dependencies: textsOf(resource.depends_on).map((one) => inModule(one, module)),
  }
  const deposed = Array.isArray(resource.deposed) ? resource.deposed : []
  return [resource.primary, ...deposed].flatMap((object, at) =>
    isObject(object)
      ? [
          {
            ...shared,
            attributes: attributesOf(object),
            identity: {},
            tainted: object.tainted === true,
            deposedKey: at === 0 ? null : String(at - 1),
          },
        ]
      : [],
  )
}

function attributesOf(object: JsonObject): JsonObject {
  const attributes = isObject(object.attributes) ? expandFlatmap(object.attributes) : {}
  return typeof object.id === 'string' ? { id: object.id, ...attributes } : attributes
}
