import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accountIn, oneForm } from '../../processors/one-form.ts'

const type = 'google_compute_instance'

it.each([
  ['projects/p/zones/z/instances/n', 'locations/z/instances/n'],
  ['projects/123/zones/z/instances/n', 'locations/z/instances/n'],
  ['zones/z/instances/n', 'locations/z/instances/n'],
  ['https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/n', 'locations/z/instances/n'],
  ['https://compute.googleapis.com/compute/beta/projects/p/zones/z/instances/n', 'locations/z/instances/n'],
  ['https://sqladmin.googleapis.com/sql/v1beta4/projects/p/instances/n', 'instances/n'],
  ['//compute.googleapis.com/projects/p/zones/z/instances/n', 'locations/z/instances/n'],
  ['projects/p', 'projects/p'],
  ['projects/_/buckets/logs', 'logs'],
  ['b/logs', 'logs'],
  ['locations/r/namespaces/p/services/s', 'locations/r/services/s'],
  ['folders/1/sinks/s', 'folders/1/sinks/s'],
])('Google: %s is %s', (name, form) => {
  expect(oneForm(type, name)).toBe(form)
})

it.each([
  ['/hostedzone/Z0AAA', 'z0aaa'],
  ['Z0AAA_www.example.com._A', 'z0aaa_www.example.com_a'],
  ['Z0AAA_\\052.example.com_CNAME', 'z0aaa_*.example.com_cname'],
  ['_dmarc.example.com.', '_dmarc.example.com'],
])('Route 53: %s is %s', (name, form) => {
  expect(oneForm('aws_route53_record', name)).toBe(form)
})

it.each([
  ['arn:aws:lambda:eu-west-1:123456789012:function:resize/s3', 'resize/s3'],
  ['123456789012:function:resize:live/s3', 'resize/s3'],
  ['resize/s3', 'resize/s3'],
  [
    'arn:aws:lambda:eu-west-1:123456789012:function:resize:live',
    'arn:aws:lambda:eu-west-1:123456789012:function:resize:live',
  ],
])('Lambda: %s is %s', (name, form) => {
  expect(oneForm('aws_lambda_permission', name)).toBe(form)
})

it('any other name is as it is written', () => {
  fc.assert(fc.property(fc.string(), (name) => oneForm('aws_iam_role', name) === name))
})

it.each([
  [type, 'projects/p/zones/z/instances/n', 'p'],
  [type, '//compute.googleapis.com/projects/p/zones/z/instances/n', 'p'],
  [type, 'projects/123/zones/z/instances/n', null],
  [type, 'projects/-/serviceAccounts/x', null],
  [type, 'projects/p', null],
  [type, 'locations/r/namespaces/p/services/s', 'p'],
  ['azurerm_subnet', '/SUBSCRIPTIONS/0A/resourceGroups/g', '0a'],
  ['azurerm_subnet', 'https://x.vault.azure.net/keys/k', null],
  ['aws_secretsmanager_secret', 'projects/p/x', null],
])('the account in the name of %s %s: %s', (of, name, account) => {
  expect(accountIn(of, name)).toBe(account)
})
