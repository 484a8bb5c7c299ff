import type { Json, JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/**
 * The first version of API Gateway wraps the body of a call (`createStageInput`), and changes things by operations on
 * paths: {"op": "replace", "path": "/variables/mode", "value": "live"} is {"patch": {"variables": {"mode": "live"}}}; what
 * is removed is an empty text. Elements of lists stand under `added` and `removed`, and what is done by another operation
 * under its name. Settings of a stage's methods are a list, as each is a resource of Terraform.
 */
export function apiGatewayParameters(request: JsonObject): JsonObject {
  const { template: _, patchOperations, ...plain } = unwrapped(request)
  // No path at all.
  if (plain.basePath === '(none)') delete plain.basePath
  if (!Array.isArray(patchOperations)) return plain
  const patch: JsonObject = {}
  const settings = new Map<string, JsonObject>()
  for (const operation of patchOperations) {
    if (!isObject(operation)) continue
    const steps = typeof operation.path === 'string' ? pointer(operation.path) : []
    const [resource = '', method = '', ...setting] = steps
    if (groups.has(setting[0] ?? '') && setting.length === 2) {
      const methodPath = `${resource.replace(/^\//, '')}/${method}`
      const own = settings.get(methodPath) ?? { methodPath }
      settings.set(methodPath, own)
      apply(operation, setting, own)
    } else apply(operation, steps, patch)
  }
  return { ...plain, patch, ...(settings.size > 0 && { methodSettings: [...settings.values()] }) }
}

const groups = new Set(['metrics', 'logging', 'throttling', 'caching'])

/** What a body calls like a part of the path (`httpMethod`) stays in the body. */
function unwrapped(request: JsonObject): JsonObject {
  const plain = { ...request }
  for (const [wrapper, body] of Object.entries(request)) {
    if (!/^[a-z]\w*Input$/.test(wrapper) || !isObject(body)) continue
    const same = Object.entries(body).filter(([name]) => Object.hasOwn(request, name))
    delete plain[wrapper]
    Object.assign(plain, body, Object.fromEntries(same.map(([name]) => [name, request[name]!])))
    if (same.length > 0) plain[wrapper] = Object.fromEntries(same)
  }
  return plain
}

/** Of these the elements stand in the path, or in the value of an addition; of all else, keys of maps. */
const lists = new Set([
  ...['apiStages', 'authorizationScopes', 'binaryMediaTypes', 'providerARNs', 'stageKeys', 'targetArns'],
  ...['types', 'vpcEndpointIds'],
])

function apply({ op, value }: JsonObject, steps: readonly string[], target: JsonObject): void {
  const list = steps.findIndex((step) => lists.has(step))
  const verb = String(op).toLowerCase()
  if (steps.length === 0) return
  const isList = list >= 0 && list >= steps.length - 2
  // There is but one of `types`, and its place is replaced; the other lists are replaced as a whole by nothing.
  if (verb === 'replace' && isList) put(target, steps.slice(0, list + 1), [value ?? null])
  else if (verb === 'replace' || (verb === 'add' && !isList)) put(target, steps, value ?? '')
  else if (verb === 'remove' && !isList) put(target, steps, '')
  else if (verb === 'add' || verb === 'remove') {
    const place = [verb === 'add' ? 'added' : 'removed', ...steps.slice(0, list + 1)]
    const element = steps[list + 1] ?? value ?? null
    put(target, place, element, (before) => [...(Array.isArray(before) ? before : []), element])
  } else put(target, [verb, ...steps], value ?? true)
}

/** Sets what lies at the steps, and makes the objects on the way. */
function put(
  target: JsonObject,
  steps: readonly string[],
  value: Json,
  change: (before: Json | undefined) => Json = () => value,
): void {
  let place = target
  for (const step of steps.slice(0, -1)) {
    const inner = Object.hasOwn(place, step) ? place[step] : undefined
    const next = isObject(inner) ? inner : {}
    define(place, step, next)
    place = next
  }
  const last = steps.at(-1)!
  define(place, last, change(Object.hasOwn(place, last) ? place[last] : undefined))
}

/** A step may be named `__proto__`: it comes from outside. */
function define(target: JsonObject, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

/** RFC 6901. */
function pointer(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
