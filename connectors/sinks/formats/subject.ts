import type { AlertJson } from '../../alert-json.ts'

/** What the alert is about, as a person would name it: the address, else type and id; a signal's is its event. */
export function subject({ resource, sourceEvent }: AlertJson): string {
  if (!resource) return sourceEvent.name
  return resource.address ?? `${resource.type} ${resource.id}`
}
