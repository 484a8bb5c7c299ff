/** An expression cannot be used: what is wrong, how to mend it, and at which character. */
export class ExpressionFault extends Error {
  override name = 'ExpressionFault'
  readonly fix: string
  readonly at: number
  constructor(message: string, fix: string, at: number) {
    super(message)
    this.fix = fix
    this.at = at
  }
}
