/** A state that cannot be read. The message names the file, the field and the fix, and quotes no value. */
export class StateFormatError extends Error {
  override name = 'StateFormatError'
}
