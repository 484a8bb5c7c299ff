/** One thing that `tfdrift doctor` has looked at. */
export interface Check {
  /** What was looked at, such as "SQS queue https://…". */
  what: string
  ok: boolean
  /** What is wrong, in one sentence. */
  problem?: string
  /** What to do about it. */
  fix?: string
  /** The policy statement to paste, where a permission is missing. */
  policy?: string
}
