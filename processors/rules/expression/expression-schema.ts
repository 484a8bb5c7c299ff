import { text } from '../operator.ts'
import { compileExpression } from './compile-expression.ts'
import { ExpressionFault } from './expression-fault.ts'

/** What a fault in an expression says, and at which of its characters: custom issues carry it as `params`. */
export interface ExpressionIssue {
  says: string
  offset: number
}

/** CEL, as a rule has it. */
export const expression = text.superRefine((source, { addIssue }) => {
  try {
    compileExpression(source)
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error
    const params: ExpressionIssue = { says: error.message, offset: error.at }
    addIssue({ code: 'custom', message: error.fix, params: { ...params } })
  }
})
