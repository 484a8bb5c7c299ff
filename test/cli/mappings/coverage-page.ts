import type { Coverage } from '../../../cli/mappings/coverage.ts'

const names = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' }

/** docs/coverage.md */
export function coveragePage({ providers, services, calls }: Coverage): string {
  const sections = providers.map(({ provider, ...sum }) => {
    const rows = services
      .filter((own) => own.provider === provider)
      .map((own) => `| ${own.service} | ${own.compared} | ${own.mapped} | ${own.noEffect} |`)
    const list = calls
      .filter((call) => call.provider === provider && call.status !== 'noEffect')
      .map(({ service, call, fixture }) => {
        const driven = fixture
          ? `[${fixture.file}](../mappings/cases/${fixture.file}): ${fixture.name}`
          : 'none'
        return `| ${service} | ${call} | ${driven.replaceAll('|', '\\|')} |`
      })
    return [
      `## ${names[provider]}: ${sum.compared} calls compared`,
      '',
      '| Service | Compared | Mapped, no case | No effect |',
      '|---|---|---|---|',
      ...rows,
      `| together | ${sum.compared} | ${sum.mapped} | ${sum.noEffect} |`,
      '',
      '| Service | Call | A case of it |',
      '|---|---|---|',
      ...list,
      '',
    ].join('\n')
  })
  return `${HEAD}\n${sections.join('\n')}`
}

const HEAD = `# Which calls are compared

Written by \`npm run docs:coverage\`; a test fails where it is stale. The same of your own logs, most frequent calls
first: \`tfdrift coverage --events FILE_OR_DIR\`.

- *compared*: mapped, and a labelled case expects an alert of it: a diff, a creation or a deletion.
- *mapped, no case*: mapped, but nothing proves it yet.
- *no effect*: the call changes nothing that Terraform declares.

Every other call is counted as \`unmapped\`. How right the answers are: \`npm run accuracy\`.
`
