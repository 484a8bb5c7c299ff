import type { Check } from '../../check.ts'
import { parseState } from './parse.ts'
import type { StateStore } from './state-store.ts'

/** For `tfdrift doctor`: whether the states are there, of which the first is read, and what tells of them. */
export async function checkState(store: StateStore): Promise<Check[]> {
  return [...(await checkPlaces(store)), ...((await store.notifications?.check()) ?? [])]
}

async function checkPlaces(store: StateStore): Promise<Check[]> {
  const what = `state ${store.name}`
  try {
    const [first] = await placesIn(store)
    const { bytes } = (await store.read(first!))!
    parseState(bytes, first!)
    return [{ what, ok: true }]
  } catch (error) {
    const { message: problem } = error as Error
    const { policy } = store
    const fix = policy
      ? 'if a permission is missing, grant it as below'
      : 'correct path, let this user read it, or restore the state'
    return [{ what, ok: false, problem, fix, ...(policy && { policy }) }]
  } finally {
    store.close?.()
  }
}

/** The places of a store; rejects if there are none, since a prefix that holds no state is mostly a wrong one. */
export async function placesIn(store: StateStore): Promise<string[]> {
  const places = await store.places()
  if (places.length > 0) return places
  throw new Error(
    `${store.name}: no object below it ends in .tfstate; correct the prefix, or write a state there`,
  )
}
