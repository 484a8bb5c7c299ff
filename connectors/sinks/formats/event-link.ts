import type { AlertJson } from '../../alert-json.ts'

/** Services whose events the console shows in us-east-1 only. */
const inUsEast = /^(iam|cloudfront|route53|organizations|globalaccelerator|waf|shield|sts)\.amazonaws\.com$/

/** Where the cloud's own console shows the event; null if it has no page for one, or it is not known which. */
export function eventLink({ resource, sourceEvent }: AlertJson): string | null {
  if (!resource || !sourceEvent.id) return null
  if (resource.provider === 'aws') return cloudTrailLink(resource.region, sourceEvent)
  if (resource.provider === 'gcp') {
    const query = encodeURIComponent(`insertId="${sourceEvent.id}"`)
    const project = encodeURIComponent(resource.account)
    return `https://console.cloud.google.com/logs/query;query=${query}?project=${project}`
  }
  return null
}

function cloudTrailLink(region: string, { id, source }: AlertJson['sourceEvent']): string | null {
  const place = inUsEast.test(source) ? 'us-east-1' : region
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(place)) return null
  const host = place.startsWith('us-gov-')
    ? 'console.amazonaws-us-gov.com'
    : place.startsWith('cn-')
      ? 'console.amazonaws.cn'
      : `${place}.console.aws.amazon.com`
  return `https://${host}/cloudtrailv2/home?region=${place}#/events/${encodeURIComponent(id)}`
}
