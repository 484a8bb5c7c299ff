import { priorityOf } from '../../schemas/priorities.ts'
import type { Actor, RawEvent } from '../../schemas/types.ts'
import { awsActor } from '../actor.ts'
import type { Json, JsonObject, Signal } from '../finding.ts'
import { isObject } from '../paths.ts'
import { parseRecord } from './cloudtrail.ts'

/**
 * A finding of Falco that holds no whole call, as its source published it. Throws if the payload is no JSON object, or
 * its priority is none of Falco's.
 */
export function readSignal(raw: RawEvent): Signal {
  const finding = parseRecord(raw.payload)
  const fields = isObject(finding.output_fields) ? finding.output_fields : {}
  const { eventId, provider, account, region, service, name, time } = raw
  const priority = priorityOf(finding.priority)
  if (priority === null) throw new TypeError("the finding's priority is none of Falco's")
  return {
    eventId,
    provider,
    account,
    region,
    service,
    name,
    time,
    actor: actorOf(fields),
    sourceEvent: {
      id: eventId,
      source: service,
      name,
      time: new Date(time).toISOString().replace('.000Z', 'Z'),
    },
    priority,
    tags: tagsOf(finding.tags),
    text: text(finding.message) ?? withoutPrefix(text(finding.output) ?? ''),
    tooLittle: cloudLogs.has(service),
  }
}

/** Falco's sources of cloud calls. Their fields say who called what, but not (of Google: never) what it changed. */
const cloudLogs = new Set(['aws_cloudtrail', 'gcp_auditlog'])

/** The caller of a cloud or of Kubernetes, else the user of the process. */
function actorOf(fields: JsonObject): Actor {
  const first = (...names: string[]) =>
    names.map((name) => text(fields[name])).find((value) => value !== null) ?? null
  const type = first('ct.user.identitytype')
  const actor = awsActor({
    userIdentity: {
      type,
      principalId: first('ct.user.principalid'),
      arn: first('ct.user.arn'),
      accountId: first('ct.user.accountid'),
      // Of an assumed role this is the role; the session, who it was, stands in the ARN.
      userName: type === 'AssumedRole' ? null : first('ct.user', 'gcp.user', 'ka.user.name', 'user.name'),
    },
    userAgent: first('ct.useragent', 'gcp.userAgent', 'ka.useragent'),
    sourceIPAddress: first('ct.srcip', 'gcp.callerIP', 'ka.sourceips'),
  })
  return { ...actor, type: type ?? '' }
}

function tagsOf(tags: Json | undefined): string[] {
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : []
}

/** `10:00:01.000000000: Warning A shell …`: when and how urgent are known already. */
function withoutPrefix(output: string): string {
  return output.replace(/^[\d:.TZ+-]+: [A-Z][a-z]+ /, '')
}

/** Falco's ways of writing an absent field. */
function text(value: Json | undefined): string | null {
  if (typeof value !== 'string') return null
  const trimmed = value.trim()
  return ['', 'null', '<NA>'].includes(trimmed) ? null : trimmed
}
