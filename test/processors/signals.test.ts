import { describe, expect, it } from 'vitest'
import { readEvents } from '../../connectors/sources/read-events.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { rawEventKey } from '../../schemas/raw-event-key.ts'
import type { Alert, RawEvent } from '../../schemas/types.ts'
import { hashKey } from '../connectors/sources/a-record.ts'
import {
  execInPod,
  googleFirewall,
  loginWithoutMfa,
  shellInContainer,
} from '../connectors/sources/formats/falco-findings.ts'
import { context } from '../support/detect.ts'
import { aRule } from './a-finding.ts'

async function eventOf(finding: object): Promise<RawEvent> {
  const [reading] = await readEvents(Buffer.from(JSON.stringify(finding)), {
    origin: 'falco',
    receivedAt: 5,
    hashKey,
  })
  if (!('event' in reading!)) throw new Error(`no event: ${JSON.stringify(reading)}`)
  return reading.event
}

const everything = { context, matcher: createMatcher([]), admits: () => true }

/** From Falco's JSON to the alert, without a state: a signal must ask for none. */
async function alertOf(finding: object, options: Partial<typeof everything> = {}): Promise<Alert> {
  const { plan, report } = createPipeline({ ...everything, ...options })
  const planned = plan(await eventOf(finding))
  if (typeof planned === 'string') throw new Error(planned)
  expect(planned.keys).toEqual([])
  const { findings, reason } = planned.judge(() => expect.fail('a signal looked for a row'))
  expect(reason).toBeNull()
  expect(findings).toHaveLength(1)
  return report(findings[0]!.finding, 'open', new Date('2026-03-01T10:00:05Z')).alert
}

describe('a finding of Falco without a call is a signal', () => {
  it('a shell in a container, whole', async () => {
    const id = expect.stringMatching(/^[0-9a-f]{64}$/)
    const alert = await alertOf(shellInContainer)
    expect(alert).toEqual({
      id,
      driftId: alert.id,
      type: 'signal',
      status: 'open',
      severity: 'low',
      message:
        'Falco found "Terminal shell in container" on falco-0: A shell was spawned in a container with an attached ' +
        'terminal | evt_type=execve user=root user_uid=0 process=bash command=bash terminal=34816 container_name=web',
      resource: null,
      compared: true,
      diffs: [],
      matchedRules: [],
      actor: {
        type: '',
        name: 'root',
        email: null,
        arn: null,
        principalId: null,
        account: null,
        sessionIssuer: null,
        tool: 'unknown',
        sourceIp: null,
        mfa: null,
      },
      sourceEvent: {
        id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        source: 'syscall',
        name: 'Terminal shell in container',
        time: '2026-03-01T10:00:01.123Z',
      },
      resourceTags: {},
      owner: null,
      changeHistory: [],
      blastRadius: null,
      remediation: [],
      revertCommand: null,
      runbookUrl: null,
      references: [],
      channels: [],
      pendingChannels: [],
      detectedAt: '2026-03-01T10:00:05.000Z',
      statusChange: null,
      resolvedBy: null,
    })
  })

  it('a command in a pod, with the user of Kubernetes', async () => {
    expect(await alertOf(execInPod)).toMatchObject({
      type: 'signal',
      severity: 'medium',
      compared: true,
      actor: { name: 'alice@example.com', email: 'alice@example.com' },
      sourceEvent: { source: 'k8s_audit', name: 'Attach/Exec Pod' },
    })
  })

  it('a call of Google, which says that it is not compared, and guesses no resource', async () => {
    expect(await alertOf(googleFirewall)).toMatchObject({
      type: 'signal',
      severity: 'high',
      compared: false,
      resource: null,
      diffs: [],
      message: expect.stringMatching(/the call is not compared, Falco tells too little of it: A firewall/),
      actor: { name: 'bob@example.com', email: 'bob@example.com', sourceIp: '203.0.113.7' },
    })
  })

  it('a call of AWS whose parameters the rule does not put out, by its session', async () => {
    expect(await alertOf(loginWithoutMfa)).toMatchObject({
      type: 'signal',
      severity: 'critical',
      compared: false,
      resource: null,
      actor: { type: 'AssumedRole', name: 'carol', sessionIssuer: 'ops', sourceIp: '203.0.113.9' },
      sourceEvent: { id: loginWithoutMfa.uuid, source: 'aws_cloudtrail' },
    })
  })
})

describe('a signal', () => {
  it('has the key of its event, its host, and is a drift of its own', async () => {
    const event = await eventOf(shellInContainer)
    const planned = createPipeline(everything).plan(event)
    if (typeof planned === 'string') throw new Error(planned)
    const [first] = planned.judge(() => []).findings
    expect(first!.finding).toMatchObject({ resourceKey: 'falco/falco-0', driftId: first!.finding.id })
    expect(first!.finding.resourceKey).toBe(rawEventKey(event))
  })

  it('that comes again is the same alert, and another one on another host, by another rule or at another time', async () => {
    const id = async (changes: object = {}) => (await alertOf({ ...shellInContainer, ...changes })).id
    expect(await id()).toBe(await id())
    const others = [
      { hostname: 'falco-9' },
      { rule: 'Another' },
      { time: '2026-03-01T10:00:01.123456788Z' },
      { uuid: 'u-1' },
      { uuid: 'u-2' },
    ]
    const ids = await Promise.all([id(), ...others.map(id)])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is judged by the rules that select it, and by none of those for resources', async () => {
    const rules = [
      aRule('resource_types: ["*"]\nevents: ["*"]\nseverity: critical', 'resources'),
      aRule(
        'types: [signal]\nevents: [Terminal shell*]\ntags: [mitre_*]\nseverity: high\nremediation: ["Ask {actor}"]',
        'shells',
      ),
      aRule('types: [signal]\npriority: error\nseverity: critical', 'urgent'),
    ]
    const matched = async (finding: object) => {
      const { matchedRules, severity, remediation } = await alertOf(finding, {
        matcher: createMatcher(rules),
      })
      return [matchedRules.map(({ id }) => id), severity, remediation]
    }
    expect(await matched(shellInContainer)).toEqual([['shells'], 'high', ['Ask root']])
    expect(await matched(execInPod)).toEqual([[], 'medium', []])
    expect(await matched(googleFirewall)).toEqual([['urgent'], 'critical', []])
  })

  it('leaves what it does not know of a step as it stands', async () => {
    const step = 'See {id} {arn} {name} {address} {account} {region} {attribute} {instance_id} {proc}'
    const matcher = createMatcher([aRule(`types: [signal]\nremediation: ["${step}"]`)])
    expect((await alertOf(shellInContainer, { matcher })).remediation).toEqual([step])
  })

  it.each([
    ['host', { account: 'falco-0' }],
    ['source', { service: 'syscall' }],
    ['rule', { event: 'Terminal shell in container' }],
    ['user', { actor: ['root'] }],
  ])('can be filtered by its %s', async (_, unwanted) => {
    const [[field, value]] = Object.entries(unwanted) as [[string, unknown]]
    const { plan } = createPipeline({
      ...everything,
      admits: (subject) =>
        JSON.stringify((subject as unknown as Record<string, unknown>)[field]) !== JSON.stringify(value),
    })
    expect(plan(await eventOf(shellInContainer))).toBe('filtered')
    expect(plan(await eventOf(execInPod))).not.toBe('filtered')
  })

  it('holds no secret that stands under its name', async () => {
    const fields = { ...shellInContainer.output_fields, 'proc.env.DB_PASSWORD': 'hunter2hunter2' }
    const event = await eventOf({ ...shellInContainer, output_fields: fields })
    expect(event.payload).not.toContain('hunter2')
  })

  it.each([
    ['in any case', { priority: 'WARNING' }, 'medium'],
    ['as falcosidekick writes it', { priority: 'Informational' }, 'info'],
  ])('takes a priority %s', async (_, changes, severity) => {
    expect((await alertOf({ ...shellInContainer, ...changes })).severity).toBe(severity)
  })

  it.each([
    ['the message alone, where Falco gives it', { message: 'A shell' }, 'on falco-0: A shell'],
    ['an output with the time as ISO', { output: '2026-03-01T10:00:01.1+0000: Notice A shell' }, ': A shell'],
    ['an output with a colon of its own', { output: 'A shell: bash' }, ': A shell: bash'],
    ['no words where there are none', { output: undefined }, 'on falco-0'],
    ['no host where there is none', { hostname: undefined, output: 'A shell' }, 'container": A shell'],
  ])('says %s', async (_, changes, end) => {
    const { message } = await alertOf({ ...shellInContainer, ...changes })
    expect(message.endsWith(end)).toBe(true)
  })

  it('whose payload has no priority is an error, not an alert', async () => {
    const event = await eventOf(shellInContainer)
    const { plan } = createPipeline(everything)
    const payload = JSON.stringify({ ...JSON.parse(event.payload), priority: 'hot' })
    expect(() => plan({ ...event, payload })).toThrow(TypeError)
  })
})

it('a whole call of a failed or reading kind is that call, not a signal', async () => {
  const call = { 'ct.name': 'RunInstances', 'ct.src': 'ec2.amazonaws.com', 'ct.request': '{}' }
  const finding = (fields: object) => ({ ...loginWithoutMfa, output_fields: { ...call, ...fields } })
  const { plan } = createPipeline(everything)
  expect(plan(await eventOf(finding({ 'ct.error': 'AccessDenied' })))).toBe('failed')
  expect(plan(await eventOf(finding({ 'ct.readonly': 'true' })))).toBe('read-only')
})
