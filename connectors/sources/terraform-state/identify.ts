import type { StateInstance } from './instance.ts'

/** Where a resource lives, as far as its state says. */
export interface Identity {
  id: string
  arn: string | null
  account: string | null
  region: string | null
}

/** The account whose ARNs all resources of a state bear; null if there are none, or several. */
export function soleAccount(instances: readonly StateInstance[]): string | null {
  const accounts = new Set(instances.flatMap((instance) => accountOfArn(ownArn(instance)) ?? []))
  const [account] = accounts
  return accounts.size === 1 ? account! : null
}

/**
 * Account and region of an instance: from its own ARN, project or subscription, or its declared identity; else
 * `account`, which is that of its whole state (AWS only: the other clouds' resources name theirs).
 */
export function identify(instance: StateInstance, account: string | null): Identity {
  const { attributes, identity, provider } = instance
  const id = text(attributes.id) ?? ''
  const arn = ownArn(instance)
  switch (provider) {
    case 'google':
      return { id, arn: null, account: projectOf(instance), region: null }
    case 'azurerm':
      return { id, arn: null, account: subscriptionOf(id), region: null }
    case 'aws':
    case 'awscc':
      return {
        id,
        arn,
        account: accountOfArn(arn) ?? text(identity.account_id) ?? account,
        region: regionOf(instance, arn),
      }
    default:
      return { id, arn: null, account: null, region: null }
  }
}

function ownArn({ attributes }: StateInstance): string | null {
  const arn = text(attributes.arn)
  return arn?.startsWith('arn:') ? arn : null
}

/** The managed policies of AWS itself belong to `aws`. */
function accountOfArn(arn: string | null): string | null {
  const account = arn?.split(':')[4]
  return account && account !== 'aws' ? account : null
}

/** Since provider 6 every regional resource says its region. */
function regionOf({ type, attributes, identity }: StateInstance, arn: string | null): string | null {
  if (/^aws_(s3|s3control)_/.test(type)) return null
  if (arn) return regionOfArn(arn)
  return text(attributes.region) ?? text(identity.region) ?? regionOfArn(text(attributes.id) ?? '')
}

/** An id may be an ARN, too: its own, or that of something else in the same region. */
function regionOfArn(text: string): string | null {
  return text.startsWith('arn:') ? text.split(':')[3] || null : null
}

/** An id may name another project further behind: the one that a custom role belongs to. Its number tells nothing. */
function projectOf({ attributes }: StateInstance): string | null {
  const [, ofId] = /^projects\/(?!\d+(?:\/|$))([^/]+)/.exec(text(attributes.id) ?? '') ?? []
  const [, ofLink] = /\/projects\/([^/]+)/.exec(text(attributes.self_link) ?? '') ?? []
  return text(attributes.project)?.replace(/^projects\//, '') ?? ofId ?? ofLink ?? null
}

function subscriptionOf(id: string): string | null {
  return /^\/subscriptions\/([^/|]+)/i.exec(id)?.[1]?.toLowerCase() ?? null
}

function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}
