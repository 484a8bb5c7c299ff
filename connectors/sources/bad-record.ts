/** Why something could not be read as an event: the code of a dead letter. */
export type FaultCode =
  | 'not-json'
  | 'no-records'
  | 'no-time'
  | 'no-output-fields'
  | 'no-priority'
  | 'invalid-utf8'
  | 'record-too-large'
  | 'nested-too-deep'
  | 'truncated-gzip'
  | 'bad-gzip'
  | 'file-too-large'
  | 'unreadable'

/** This record can never become an event. The message says why, without quoting any of its values. */
export class BadRecordError extends Error {
  override name = 'BadRecordError'
  readonly code: FaultCode
  constructor(code: FaultCode, message: string) {
    super(message)
    this.code = code
  }
}
