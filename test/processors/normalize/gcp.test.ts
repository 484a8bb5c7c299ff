import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { bigQueryBody } from '../../../processors/normalize/gcp-bigquery.ts'
import { camelCased } from '../../../processors/normalize/gcp-camel-case.ts'
import { withLabelMaps } from '../../../processors/normalize/gcp-labels.ts'

describe('a body in the names of the protocol', () => {
  it('has those of the API, at any depth', () => {
    expect(
      camelCased({ service_account: { display_name: 'a' }, update_mask: { paths: ['display_name'] } }),
    ).toEqual({
      serviceAccount: { displayName: 'a' },
      updateMask: { paths: ['display_name'] },
    })
  })

  it('keeps the keys of maps', () => {
    const kept = { labels: { my_key: 'a' }, environmentVariables: { LOG_1: 'a_b' } }
    expect(camelCased(kept)).toEqual(kept)
    expect(camelCased({ build_config: { environment_variables: { my_mode: '1' } } })).toEqual({
      buildConfig: { environmentVariables: { my_mode: '1' } },
    })
  })
})

describe('labels', () => {
  it('are a map, where the log has keys and values', () => {
    expect(withLabelMaps({ labels: [{ key: 'a', value: 'b' }] })).toEqual({ labels: { a: 'b' } })
  })

  it('that are described are a list', () => {
    const described = { metricDescriptor: { labels: [{ key: 'code', valueType: 'INT64' }] } }
    expect(withLabelMaps(described)).toEqual(described)
  })
})

describe('what BigQuery tells of a dataset', () => {
  const dataset = (told: JsonObject, change = 'datasetChange') =>
    bigQueryBody({
      body: {},
      metadata: { '@type': 'x', [change]: { dataset: told } },
      serviceData: undefined,
    }).dataset
  const access = (role: string, member: string) =>
    (dataset({ acl: { policy: { bindings: [{ role, members: [member] }] } } }) as JsonObject).access

  it('is what describes it, beside the rest', () => {
    expect(
      dataset({
        datasetName: 'd',
        updateTime: 't',
        defaultCollation: 'c',
        datasetInfo: { description: 'a' },
      }),
    ).toEqual({ datasetName: 'd', defaultCollation: 'c', description: 'a' })
    expect(dataset({ datasetInfo: { description: 'a' } }, 'datasetCreation')).toEqual({ description: 'a' })
  })

  it.each([
    ['roles/bigquery.dataOwner', 'projectOwner:p', { role: 'OWNER', specialGroup: 'projectOwners' }],
    ['roles/bigquery.dataEditor', 'projectEditor:p', { role: 'WRITER', specialGroup: 'projectWriters' }],
    ['roles/bigquery.dataViewer', 'projectViewer:p', { role: 'READER', specialGroup: 'projectReaders' }],
    ['roles/bigquery.dataViewer', 'user:a@b.c', { role: 'READER', userByEmail: 'a@b.c' }],
    ['roles/bigquery.dataViewer', 'serviceAccount:a@b.c', { role: 'READER', userByEmail: 'a@b.c' }],
    ['roles/bigquery.dataViewer', 'group:a@b.c', { role: 'READER', groupByEmail: 'a@b.c' }],
    ['projects/p/roles/own', 'domain:b.c', { role: 'projects/p/roles/own', domain: 'b.c' }],
    ['roles/x', 'allAuthenticatedUsers', { role: 'roles/x', specialGroup: 'allAuthenticatedUsers' }],
    ['roles/x', 'allUsers', { role: 'roles/x', iamMember: 'allUsers' }],
    ['roles/x', 'principal://a:b/c', { role: 'roles/x', iamMember: 'principal://a:b/c' }],
  ])('%s of %s is an entry of its rights', (role, member, entry) => {
    expect(access(role, member)).toEqual([entry])
  })

  it('leaves its rights as they are where views have some, which stand apart', () => {
    const acl = { policy: { bindings: [] }, authorizedViews: ['v'] }
    expect(dataset({ acl })).toEqual({ acl })
  })

  it('stands in the data of the former log, too', () => {
    const resource = {
      datasetName: { projectId: 'p', datasetId: 'd' },
      info: { friendlyName: 'a' },
      acl: {
        entries: [
          { role: 'READER', specialGroup: 'ALL_AUTHENTICATED_USERS' },
          { role: 'OWNER', userEmail: 'e' },
        ],
      },
    }
    const body = bigQueryBody({
      body: {},
      metadata: undefined,
      serviceData: { '@type': 'x', datasetUpdateRequest: { resource }, datasetUpdateResponse: {} },
    })
    expect(body).toEqual({
      dataset: {
        datasetName: { projectId: 'p', datasetId: 'd' },
        friendlyName: 'a',
        access: [
          { role: 'READER', specialGroup: 'allAuthenticatedUsers' },
          { role: 'OWNER', userByEmail: 'e' },
        ],
      },
    })
  })
})
