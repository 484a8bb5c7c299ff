/** The part of pino that the runtime uses. Never hand it a key, a value or a header of a record. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
