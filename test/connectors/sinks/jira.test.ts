import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DeliveryError } from '../../../connectors/sink.ts'
import { checkJira, jiraConfig, jiraSink } from '../../../connectors/sinks/jira.ts'
import type { Alert } from '../../../schemas/types.ts'
import { until } from '../../services/until.ts'
import { aDiff, anAlert, anAlertJson } from '../an-alert.ts'
import { jiraReceiver } from './jira-receiver.ts'

const live = new AbortController().signal
let receiver: Awaited<ReturnType<typeof jiraReceiver>>
beforeEach(async () => {
  receiver = await jiraReceiver()
})
afterEach(async () => {
  expect(receiver.complaints).toEqual([])
  await receiver.close()
})

const settings = (more: object = {}) => ({ ...receiver.account, project: 'SEC', searchLagMs: 0, ...more })
const { driftId } = anAlert()
/** One more alert of the same drift. */
const another = (changes: Partial<Alert> = {}) =>
  anAlertJson({ id: 'two', driftId, status: 'changed', ...changes })

async function refusalOf(sending: Promise<void>): Promise<DeliveryError> {
  const error = await sending.then(
    () => expect.fail('Jira accepted it'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DeliveryError)
  expect((error as DeliveryError).message).not.toContain(receiver.account.apiToken)
  return error as DeliveryError
}

describe('a drift', () => {
  it('has one issue: created when it opens, commented when it changes, done when it is resolved', async () => {
    const sink = jiraSink(settings())
    await sink.deliver([anAlertJson()], live)
    expect(receiver.issues).toMatchObject([{ key: 'SEC-1', status: 'To Do', comments: [] }])
    await sink.deliver([another()], live)
    await sink.deliver([anAlertJson({ status: 'acknowledged' })], live)
    expect(receiver.issues[0]).toMatchObject({ status: 'To Do', comments: [{}, {}] })
    await sink.deliver([anAlertJson({ status: 'resolved', resolvedBy: 'state' })], live)
    await sink.deliver([another({ status: 'resolved', resolvedBy: 'state' })], live)
    expect(receiver.issues).toHaveLength(1)
    expect(receiver.issues[0]).toMatchObject({ status: 'Done' })
    const [one, two] = [anAlert().id, another().id]
    expect(receiver.marks).toEqual([
      `${one}:open`,
      `${two}:changed`,
      `${one}:acknowledged`,
      `${one}:resolved`,
      `${two}:resolved`,
    ])
  })

  it('is found again by another process, by its label', async () => {
    await jiraSink(settings()).deliver([anAlertJson()], live)
    await jiraSink(settings()).deliver([another()], live)
    expect(receiver.issues).toMatchObject([{ comments: [{}] }])
    expect(receiver.issues[0]!.fields.labels).toEqual(['tfdrift', `tfdrift-${driftId}`])
  })

  it('that opens again after its issue is done has another one', async () => {
    const sink = jiraSink(settings())
    await sink.deliver([anAlertJson(), anAlertJson({ status: 'resolved' }), another()], live)
    expect(receiver.issues).toMatchObject([{ status: 'Done' }, { status: 'To Do', comments: [] }])
    await jiraSink(settings()).deliver([another({ status: 'resolved' })], live)
    expect(receiver.issues).toMatchObject([{ status: 'Done' }, { status: 'Done', comments: [{}] }])
  })

  it('that has opened again elsewhere is not held against its old issue', async () => {
    const sink = jiraSink(settings())
    await sink.deliver([anAlertJson(), anAlertJson({ status: 'resolved' })], live)
    await jiraSink(settings()).deliver([another()], live)
    await sink.deliver([anAlertJson({ id: 'three', driftId, status: 'changed' })], live)
    expect(receiver.issues).toMatchObject([{ comments: [{}] }, { comments: [{}] }])
  })

  it('without an issue is not told of when it is over', async () => {
    await jiraSink(settings()).deliver([anAlertJson({ status: 'resolved' })], live)
    expect(receiver.issues).toEqual([])
  })

  it('whose issue somebody has deleted gets a new one', async () => {
    const sink = jiraSink(settings())
    await sink.deliver([anAlertJson()], live)
    receiver.issues.length = 0
    await sink.deliver([another()], live)
    expect(receiver.issues).toMatchObject([{ comments: [] }])
  })
})

describe('nothing is written twice', () => {
  it.each([
    'POST /rest/api/3/issue',
    'POST /rest/api/3/issue/KEY/comment',
    'POST /rest/api/3/issue/KEY/transitions',
  ])('where the answer to %s is lost', async (call) => {
    const sink = jiraSink(settings())
    const alerts = [anAlertJson(), another(), anAlertJson({ status: 'resolved' })]
    receiver.loseAnswerTo(call)
    let lost = 0
    for (const alert of alerts) {
      await sink.deliver([alert], live).catch(async (error: DeliveryError) => {
        expect(error.retryable).toBe(true)
        lost++
        await sink.deliver([alert], live)
      })
    }
    expect(lost).toBe(1)
    expect(receiver.marks).toEqual(alerts.map(({ id, status }) => `${id}:${status}`))
    expect(receiver.issues).toMatchObject([{ status: 'Done' }])
  })

  it('by a process that knows nothing of what another one has written', async () => {
    const alerts = [anAlertJson(), another(), anAlertJson({ status: 'resolved' })]
    for (const alert of alerts) {
      await jiraSink(settings()).deliver([alert], live)
      await jiraSink(settings()).deliver([alert], live)
    }
    expect(receiver.marks).toEqual(alerts.map(({ id, status }) => `${id}:${status}`))
  })

  it('while the search does not know the new issue yet', async () => {
    receiver.index(false)
    const sink = jiraSink(settings())
    await sink.deliver([anAlertJson(), another(), anAlertJson({ status: 'resolved' })], live)
    expect(receiver.issues).toMatchObject([{ comments: [{}, {}], status: 'Done' }])
  })

  describe('where another process has created it just now, and the search does not know that yet', () => {
    beforeEach(async () => {
      receiver.index(false)
      await jiraSink(settings()).deliver([anAlertJson()], live)
      receiver.calls()
    })

    it('after a start', async () => {
      const sending = jiraSink(settings({ searchLagMs: 300 })).deliver([anAlertJson()], live)
      setTimeout(() => receiver.index(true), 100)
      await sending
      expect(receiver.issues).toHaveLength(1)
    })

    it('of a drift that is not new', async () => {
      const sending = jiraSink(settings({ searchLagMs: 300 })).deliver([another()], live)
      const searched = () => receiver.calls().includes('POST /rest/api/3/search/jql') || undefined
      await until('a search that finds nothing', searched)
      setTimeout(() => receiver.index(true), 100)
      await sending
      expect(receiver.issues).toMatchObject([{ comments: [{}] }])
    })
  })

  it('where the answer to the creation is lost, and the search does not know the issue yet', async () => {
    const sink = jiraSink(settings({ searchLagMs: 300 }))
    await sink.deliver([anAlertJson({ id: 'before' })], live)
    receiver.index(false)
    receiver.loseAnswerTo('POST /rest/api/3/issue')
    expect((await refusalOf(sink.deliver([anAlertJson()], live))).retryable).toBe(true)
    setTimeout(() => receiver.index(true), 100)
    await sink.deliver([anAlertJson()], live)
    expect(receiver.marks).toEqual([anAlert({ id: 'before' }), anAlert()].map(({ id }) => `${id}:open`))
  })
})

describe('an issue', () => {
  it('has the fields that are configured, and the priority of its severity', async () => {
    const fields = { labels: ['infra'], customfield_10010: 'platform' }
    await jiraSink(settings({ issueType: 'Bug', priorities: { critical: 'Highest' }, fields })).deliver(
      [anAlertJson(), anAlertJson({ id: 'low', severity: 'low' })],
      live,
    )
    expect(receiver.issues.map((issue) => issue.fields)).toMatchObject([
      {
        issuetype: { name: 'Bug' },
        priority: { name: 'Highest' },
        customfield_10010: 'platform',
        labels: ['infra', 'tfdrift', `tfdrift-${driftId}`],
        summary: `critical: attribute drift: ${anAlert().resource!.address}`,
      },
      { summary: expect.stringMatching(/^low: /) },
    ])
    expect(receiver.issues[1]!.fields).not.toHaveProperty('priority')
  })

  it('says who, what, from what to what and how to set it back, and no sensitive value', async () => {
    await jiraSink(settings()).deliver(
      [
        anAlertJson({
          diffs: [aDiff({}), aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })],
        }),
      ],
      live,
    )
    const { content } = receiver.issues[0]!.fields.description
    const text = JSON.stringify(content)
    expect(text).toContain('metadata_options[0].http_tokens: \\"required\\" → \\"optional\\"')
    expect(text).toContain('alice')
    expect(text).not.toContain('hunter')
    expect(content).toContainEqual({
      type: 'codeBlock',
      attrs: { language: 'shell' },
      content: [{ type: 'text', text: anAlert().revertCommand }],
    })
  })

  it.each(['x'.repeat(9_000), '"\\'.repeat(5_000), '\n\u001b[31m'.repeat(2_000), '🚧'.repeat(5_000), ''])(
    'stays within what Jira takes where every text is long or empty (%#)',
    async (text) => {
      const alert = anAlert()
      await jiraSink(settings()).deliver(
        [
          anAlertJson({
            message: text,
            resource: { ...alert.resource!, address: text, id: text, alsoManagedBy: Array(50).fill(text) },
            diffs: Array.from({ length: 200 }, () =>
              aDiff({ attribute: text, oldValue: text, newValue: [text, text] }),
            ),
            matchedRules: Array.from({ length: 50 }, () => ({
              id: text,
              name: text,
              severity: 'high' as const,
            })),
            actor: { ...alert.actor, name: text },
            revertCommand: text,
            remediation: Array(50).fill(text),
            runbookUrl: `https://${text}`,
          }),
        ],
        live,
      )
      expect(receiver.issues).toHaveLength(1)
    },
  )
})

describe('the transition', () => {
  it('is the configured one', async () => {
    const sink = jiraSink(settings({ resolveTransition: 'Decline' }))
    await sink.deliver([anAlertJson(), anAlertJson({ status: 'resolved' })], live)
    expect(receiver.issues).toMatchObject([{ status: 'Declined' }])
  })

  it('that the workflow does not offer is said, once the comment stands there', async () => {
    const sink = jiraSink(settings())
    receiver.allow(['Start'])
    await sink.deliver([anAlertJson()], live)
    const error = await refusalOf(sink.deliver([anAlertJson({ status: 'resolved' })], live))
    expect(error.retryable).toBe(false)
    expect(error.message).toMatch(/^SEC-1 has no transition to a status that is done .*set resolveTransition/)
    receiver.allow(['Close'])
    await sink.deliver([anAlertJson({ status: 'resolved' })], live)
    expect(receiver.issues).toMatchObject([{ status: 'Done', comments: [{}] }])
  })
})

describe("Jira's refusal", () => {
  it('of 429 is obeyed', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '30' }).end())
    expect(await refusalOf(jiraSink(settings()).deliver([anAlertJson()], live))).toMatchObject({
      retryable: true,
      retryAfterMs: 30_000,
    })
  })

  it('names the fields, and quotes no text', async () => {
    receiver.answer((response) =>
      response.writeHead(400).end('{"errors":{"priority":"you sent hunter2","<b>":"x"}}'),
    )
    const error = await refusalOf(jiraSink(settings()).deliver([anAlertJson()], live))
    expect(error.retryable).toBe(false)
    expect(error.message).toBe(
      `${receiver.origin} answered 400: it does not take, or misses, the field priority`,
    )
  })

  it.each(['<html>please log in</html>', '{}'])(
    'hides behind %s, which is not an acceptance',
    async (body) => {
      receiver.answer((response) => response.writeHead(200).end(body))
      const error = await refusalOf(jiraSink(settings()).deliver([anAlertJson()], live))
      expect(error.retryable).toBe(true)
      expect(receiver.issues).toEqual([])
    },
  )
})

describe('the check', () => {
  const check = (more: object = {}) => checkJira(jiraConfig.parse(settings(more)))

  it('reads the project and writes nothing', async () => {
    expect(await check()).toMatchObject([{ ok: true }])
    expect(receiver.calls()).toEqual(['GET /rest/api/3/project/SEC'])
  })

  it.each([
    [{ issueType: 'Epic' }, /no issues of the type Epic/],
    [{ project: 'OTHER' }, /no such project/],
    [{ apiToken: 'wrong' }, /answered 401/],
  ])('says what is wrong with %j', async (more, problem) => {
    expect(await check(more)).toMatchObject([{ ok: false, problem: expect.stringMatching(problem) }])
  })
})
