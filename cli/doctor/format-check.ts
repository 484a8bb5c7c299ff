import type { Check } from '../../connectors/check.ts'

/** A line for each check; below a problem its fix, and the policy to paste where there is one. */
export function formatCheck({ what, ok, problem, fix, policy }: Check): string {
  if (ok) return `ok       ${what}\n`
  const more = [fix && `fix: ${fix}`, policy && `policy:\n${policy}`].filter((text) => !!text).join('\n')
  const indented = more.split('\n').map((line) => `         ${line}\n`)
  return `PROBLEM  ${what}: ${problem ?? 'it does not work'}\n${more ? indented.join('') : ''}`
}
