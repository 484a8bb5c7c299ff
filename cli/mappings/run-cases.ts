import { createJudge, type Verdict } from './judge-case.ts'
import type { Case } from './read-cases.ts'

export interface CaseResult {
  one: Case
  verdict: Verdict
}

export async function runCases(cases: readonly Case[]): Promise<CaseResult[]> {
  const judge = createJudge()
  const results: CaseResult[] = []
  for (const one of cases) results.push({ one, verdict: await judge(one) })
  return results
}

/** The cases whose file or name has one of the words in it; all without any. */
export function chosenCases(cases: readonly Case[], words: readonly string[]): Case[] {
  const wanted = words.map((word) => word.toLowerCase())
  return cases.filter(({ file, name }) => {
    const text = `${file} ${name}`.toLowerCase()
    return wanted.length === 0 || wanted.some((word) => text.includes(word))
  })
}
