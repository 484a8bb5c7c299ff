import { describe, expect, it } from 'vitest'
import { configSchema } from '../../../cli/config/load.ts'
import { validateConfig } from '../../../cli/config/validate.ts'

const others: Record<string, string> = {
  webhook: '',
  slack: '',
  discord: '',
  splunk: ', token: t',
  pagerduty: `, routingKey: ${'k'.repeat(32)}`,
}

function faultsOf(kind: string, url: string, more = ''): string {
  const text = `sinks:\n  a: { kind: ${kind}, url: "${url}"${others[kind]}${more} }\n`
  try {
    validateConfig(text, { file: 'tfdrift.yaml', schema: configSchema, env: {} })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe.each(Object.keys(others))('plain HTTP to a %s', (kind) => {
  it('is refused when the configuration is read, with the field and the fix', () => {
    expect(faultsOf(kind, 'http://example.com/x')).toMatch(
      /^tfdrift\.yaml:2:\d+ sinks\.a\.url: is plain HTTP, which anybody on the way can read; use https, or set allowHttp: true$/,
    )
  })

  it.each([
    'http://10.0.0.5/x',
    'http://localhost.example/x',
    'http://127.0.0.1.example/',
    'HTTP://EXAMPLE.com',
  ])('is refused for %s', (url) => {
    expect(faultsOf(kind, url)).toContain('allowHttp: true')
  })

  it('is taken where it is allowed, and does not leave this machine, and https always', () => {
    expect(faultsOf(kind, 'http://example.com/x', ', allowHttp: true')).toBe('')
    for (const url of [
      'http://127.0.0.1:1/x',
      'http://[::1]:1/x',
      'http://localhost/x',
      'https://example.com/x',
    ])
      expect(faultsOf(kind, url)).toBe('')
  })
})
