const PREFIX = '__sync|lock|'

/** The key in state-snapshot of the marker that somebody holds the lock of the state at this place. */
export function stateLockKey(source: string): string {
  return PREFIX + source
}

export function isStateLock(key: string): boolean {
  return key.startsWith(PREFIX)
}
