/** A schema was to be registered that the subject's compatibility forbids. Nothing but another schema helps. */
export class IncompatibleSchemaError extends Error {
  override name = 'IncompatibleSchemaError'
  readonly subject: string
  constructor(subject: string, why: string, options?: ErrorOptions) {
    super(`schema of subject ${subject}: ${why}`, options)
    this.subject = subject
  }
}
