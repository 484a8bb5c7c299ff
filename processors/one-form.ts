/**
 * The one form of a name that its cloud writes in several ways. Names are compared only within one type, so a form may
 * lose what tells types apart.
 */
export function oneForm(type: string, name: string): string {
  if (type.startsWith('google_')) return googleForm(name)
  if (type.startsWith('aws_route53_')) return route53Form(name)
  return type.startsWith('aws_lambda_') ? lambdaForm(name) : name
}

/**
 * The account that a name itself tells, of Azure or Google: its subscription, or its project, if that stands there by
 * its id; the number of a project stands for any.
 */
export function accountIn(type: string, name: string): string | null {
  if (type.startsWith('azurerm_')) {
    return /^\/subscriptions\/([^/|]+)/i.exec(name)?.[1]?.toLowerCase() ?? null
  }
  if (!type.startsWith('google_')) return null
  const [, project = null] = /^(?:projects|(?:.*\/)?namespaces)\/([^/]+)\/./.exec(withoutHost(name)) ?? []
  return project === null || /^(\d+|-|_)$/.test(project) ? null : project
}

/**
 * Google names a resource by a link, by a full name with the service's host, or by a path, with its project or without.
 * States and logs disagree on `zones` and `locations`, too. The project is compared as the account.
 */
function googleForm(name: string): string {
  if (!name.includes('/')) return name
  return withoutHost(name)
    .replace(/^(?:projects|namespaces)\/[^/]+\/(?=.)/, '')
    .replace(/^(?:b|buckets)\//, '')
    .replaceAll(/(^|\/)(?:zones|regions)\//g, '$1locations/')
    .replace(/(^|\/)namespaces\/[^/]+\//, '$1')
}

/** https://www.googleapis.com/compute/v1/projects/… and //compute.googleapis.com/projects/… are projects/…. */
function withoutHost(name: string): string {
  if (!/^(?:https?:)?\/\//.test(name)) return name
  return name.replace(/^(?:https?:)?\/\/[^/]+\//, '').replace(/^(?:\w+\/)?(?:v\d\w*|alpha|beta)\//, '')
}

/** Zones with their path before them; names of the DNS in any case, with the dot at their end, and their `*` escaped. */
function route53Form(name: string): string {
  return name
    .replace(/^\/(?:hostedzone|delegationset|healthcheck)\//, '')
    .replaceAll('\\052', '*')
    .replaceAll(/\.(?=\/|$|_[a-z]{1,6}(?:_|$))/gi, '')
    .toLowerCase()
}

/** What belongs to a function may be given behind the ARN of that, whole or in part, or behind its name. */
function lambdaForm(name: string): string {
  return name.replace(/^(?:arn:[\w-]+:lambda:[^:/]*:)?\d{12}:function:([^:/]+)(?::[^/]+)?(?=\/)/, '$1')
}
