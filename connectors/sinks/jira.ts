import { setTimeout as pause } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { AlertJson } from '../alert-json.ts'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { adf, issueSummary } from './formats/adf.ts'
import { httpPeerConfig, httpsUnlessAllowed, PROBE_MS, peerCheck } from './http-peer.ts'
import { type Issue, type JiraClient, jiraClient } from './jira-client.ts'

const name = z.string().min(1)

export const jiraConfig = httpPeerConfig
  .extend({
    /** Of the user whose token it is. */
    email: z.email(),
    apiToken: z
      .string()
      .regex(/^[\x21-\x7e]+$/, { error: 'must be the token alone; copy it from Atlassian' }),
    project: z.string().regex(/^[A-Z][A-Z0-9_]+$/, { error: "must be the project's key, such as SEC" }),
    issueType: name.default('Task'),
    /** Jira's priority for each severity. Left out: the project's default. */
    priorities: z
      .strictObject({
        critical: name.optional(),
        high: name.optional(),
        medium: name.optional(),
        low: name.optional(),
        info: name.optional(),
      })
      .optional(),
    /** More fields of a new issue, as Jira's API takes them. */
    fields: z.record(z.string(), z.unknown()).optional(),
    /** The transition of a resolved drift. Left out: the first that leads to a status that is done. */
    resolveTransition: name.optional(),
    /** For so long a new issue may be missing from Jira's search. */
    searchLagMs: z.int().min(0).max(60_000).default(3_000),
  })
  .refine(...httpsUnlessAllowed)

type JiraConfig = z.input<typeof jiraConfig>

const MAX_KNOWN = 10_000

/**
 * Keeps an issue for each drift, in Jira Cloud: the first alert creates it, every other one is a comment, and when the
 * drift is resolved the issue is moved to done. What comes after that creates another one. The issue is found by the
 * label of its drift, and ALERT_ID:STATUS stands in what was written: nothing is written twice, also when an answer
 * was lost. Retryable: no connection, 408, 429 (after Retry-After), 5xx.
 */
export function jiraSink(config: JiraConfig): Sink {
  const client = jiraClient(config)
  const { searchLagMs = 3_000 } = config
  /** The newest issue of a drift: Jira's search may not know it yet. */
  const known = new LRUCache<string, string>({ max: MAX_KNOWN })
  /** Until then the search may not know what another process, or an attempt without an answer, has created. */
  let unsureUntil = performance.now() + searchLagMs

  async function tell(alert: AlertJson, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const mark = `${alert.id}:${alert.status}`
    const isNews = alert.status === 'open' || alert.status === 'changed'
    const issue = await find(alert, signal)
    if (!issue) return isNews ? create(alert, signal) : undefined
    if (holds(issue.description, mark)) return
    const isTold = (await client.comments(issue.key, signal)).some((comment) => holds(comment, mark))
    if (!isTold && issue.isDone && isNews) return create(alert, signal)
    if (!isTold) await client.comment(issue.key, adf(alert), signal)
    if (alert.status === 'resolved' && !issue.isDone) await moveToDone(client, issue.key, config, signal)
  }

  /** The drift's issue: one that is not done, or else its newest. */
  async function find(alert: AlertJson, signal: AbortSignal): Promise<Issue | null> {
    const { driftId, status } = alert
    const remembered = known.get(driftId)
    const current = remembered === undefined ? null : await client.issue(remembered, signal)
    if (current && !current.isDone) return current
    await waitUntil(unsureUntil, signal)
    const found = (await search(driftId, signal)) ?? current
    if (found || status === 'open') return found
    // Its drift is not new, so that another process may have created the issue just now.
    await waitUntil(performance.now() + searchLagMs, signal)
    return search(driftId, signal)
  }

  async function search(driftId: string, signal: AbortSignal): Promise<Issue | null> {
    let newest: Issue | null = null
    for (const key of await client.labelled(labelOf(driftId), signal)) {
      const issue = await client.issue(key, signal)
      newest ??= issue
      if (issue && !issue.isDone) {
        newest = issue
        break
      }
    }
    if (newest) known.set(driftId, newest.key)
    return newest
  }

  async function create(alert: AlertJson, signal: AbortSignal): Promise<void> {
    const priority = config.priorities?.[alert.severity]
    const fields = {
      ...config.fields,
      project: { key: config.project },
      issuetype: { name: config.issueType ?? 'Task' },
      summary: issueSummary(alert),
      description: adf(alert),
      labels: [...labelsIn(config.fields), 'tfdrift', labelOf(alert.driftId)],
      ...(priority !== undefined && { priority: { name: priority } }),
    }
    try {
      known.set(alert.driftId, await client.create(fields, signal))
    } catch (error) {
      const isRefused = error instanceof DeliveryError && !error.retryable
      if (!isRefused) unsureUntil = performance.now() + searchLagMs
      // What is remembered is the one before.
      known.delete(alert.driftId)
      throw error
    }
  }

  return {
    batchSize: 1,
    parallel: 4,
    async deliver(alerts, signal) {
      for (const alert of alerts) await tell(alert, signal)
    },
  }
}

/** Reads the project as its user sees it. */
export function checkJira(config: z.output<typeof jiraConfig>): Promise<Check[]> {
  const { project, issueType } = config
  return peerCheck(`Jira project ${project} at ${new URL(config.url).origin}`, async () => {
    const types = await jiraClient(config).issueTypes(project, AbortSignal.timeout(PROBE_MS))
    if (types?.includes(issueType)) return { ok: true }
    if (types) {
      const problem = `it has no issues of the type ${issueType}`
      return { ok: false, problem, fix: `set issueType to one of ${types.join(', ')}` }
    }
    const problem = 'there is no such project, or its user may not see it'
    return { ok: false, problem, fix: 'correct project, email and apiToken; the user needs Browse projects' }
  })
}

async function moveToDone(
  client: JiraClient,
  key: string,
  config: JiraConfig,
  signal: AbortSignal,
): Promise<void> {
  const { resolveTransition: wanted } = config
  const transitions = await client.transitions(key, signal)
  const chosen = transitions.find((one) => (wanted === undefined ? one.isDone : one.name === wanted))
  if (chosen) return client.transition(key, chosen.id, signal)
  const which = wanted === undefined ? 'transition to a status that is done' : `transition ${wanted}`
  const fix = 'set resolveTransition, or allow it to its user'
  throw new DeliveryError(`${key} has no ${which} from where it stands; ${fix}`, { retryable: false })
}

function labelOf(driftId: string): string {
  return `tfdrift-${driftId}`
}

function labelsIn(fields: JiraConfig['fields']): string[] {
  const labels = fields?.labels
  return Array.isArray(labels) ? labels.map(String) : []
}

function holds(written: unknown, mark: string): boolean {
  return JSON.stringify(written ?? null).includes(mark)
}

async function waitUntil(at: number, signal: AbortSignal): Promise<void> {
  const ms = at - performance.now()
  if (ms > 0) await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
