const OFFSET_BYTES = 8

/**
 * A row as it is stored: the offset of its record, then the record's value. With the offset alone it is a grave: the
 * row was deleted by a record that the tail has yet to come to, and older ones that come first must not bring it back.
 */
export function encodeRow(offset: number, value: Buffer | null): Buffer {
  const stored = Buffer.allocUnsafe(OFFSET_BYTES + (value?.length ?? 0))
  stored.writeDoubleBE(offset)
  value?.copy(stored, OFFSET_BYTES)
  return stored
}

export function offsetOfRow(stored: Buffer): number {
  return stored.readDoubleBE()
}

/** The value; null where there is no row, or a grave. It shares the memory of what is stored. */
export function valueOfRow(stored: Buffer | null | undefined): Buffer | null {
  return stored && stored.length > OFFSET_BYTES ? stored.subarray(OFFSET_BYTES) : null
}
