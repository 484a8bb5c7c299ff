import type { Json, JsonObject } from '../../../processors/finding.ts'

export const SUBSCRIPTION = '0b1f6471-1bf0-4dda-aec3-cb9272f09590'
export const GROUP_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/net-rg/providers/Microsoft.Network/networkSecurityGroups/web`
export const RULE_ID = `${GROUP_ID}/securityRules/ssh`

/** A rule as Azure's API has it. */
export const apiRule = {
  access: 'Allow',
  direction: 'Inbound',
  priority: 100,
  protocol: 'TCP',
  sourcePortRange: '*',
  destinationPortRange: '22',
  sourceAddressPrefix: '10.0.0.0/8',
  destinationAddressPrefix: '*',
}

/** The same rule in a state, without what names its group. */
export const stateRule = {
  name: 'ssh',
  description: '',
  access: 'Allow',
  direction: 'Inbound',
  priority: 100,
  protocol: 'Tcp',
  source_port_range: '*',
  source_port_ranges: [],
  destination_port_range: '22',
  destination_port_ranges: [],
  source_address_prefix: '10.0.0.0/8',
  source_address_prefixes: [],
  destination_address_prefix: '*',
  destination_address_prefixes: [],
  source_application_security_group_ids: [],
  destination_application_security_group_ids: [],
}

/**
 * A record as a diagnostic setting writes it to an event hub: what the portal has done to a rule. Ids and operations
 * come in capitals, bodies as texts.
 */
export function azureRecord(changes: JsonObject = {}, properties: JsonObject = {}): JsonObject {
  return {
    RoleLocation: 'West Europe',
    time: '2026-03-02T10:15:01.1234567Z',
    resourceId: RULE_ID.toUpperCase(),
    operationName: 'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE',
    category: 'Administrative',
    resultType: 'Success',
    resultSignature: 'Succeeded.OK',
    durationMs: '402',
    callerIpAddress: '203.0.113.10',
    correlationId: '3b1d4a52-2b9a-4a08-8a1c-4c2f6e0a9f11',
    identity: {
      authorization: {
        scope: RULE_ID,
        action: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
        evidence: { role: 'Contributor', principalId: 'f1d1a1b2', principalType: 'User' },
      },
      claims: {
        aud: 'https://management.core.windows.net/',
        appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
        idtyp: 'user',
        name: 'Alice Example',
        'http://schemas.microsoft.com/claims/authnmethodsreferences': 'pwd,mfa',
        'http://schemas.microsoft.com/identity/claims/objectidentifier':
          'f1d1a1b2-0000-4000-8000-000000000001',
        'http://schemas.microsoft.com/identity/claims/tenantid': '72f988bf-0000-4000-8000-000000000002',
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'alice@example.com',
      },
    },
    level: 'Information',
    tenantId: '72f988bf-0000-4000-8000-000000000002',
    properties: {
      statusCode: 'OK',
      serviceRequestId: '1d0a1b1c',
      eventCategory: 'Administrative',
      entity: RULE_ID,
      message: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
      hierarchy: `72f988bf/${SUBSCRIPTION}`,
      responseBody: responseOf(apiRule),
      ...properties,
    },
    ...changes,
  }
}

export function responseOf(rule: Json): string {
  return JSON.stringify({
    name: 'ssh',
    id: RULE_ID,
    etag: 'W/"1"',
    type: 'Microsoft.Network/networkSecurityGroups/securityRules',
    properties: { provisioningState: 'Updating', ...(rule as JsonObject) },
  })
}
