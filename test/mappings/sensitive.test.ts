import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { sensitivePaths } from '../../mappings/sensitive.ts'

test('the provider declares what is sensitive in its types', () => {
  expect(sensitivePaths('aws_db_instance')).toContain('password')
  expect(sensitivePaths('aws_ssm_parameter')).toContain('value')
  expect(sensitivePaths('aws_alb_listener')).toContain('default_action.authenticate_oidc.client_secret')
  expect(sensitivePaths('google_sql_user')).toContain('password')
  expect(sensitivePaths('azurerm_mssql_server')).toContain('administrator_login_password')
  expect(sensitivePaths('random_password')).toContain('result')
})

test('a type without sensitive attributes has none, whatever it is called', () => {
  expect(sensitivePaths('aws_vpc')).toEqual([])
  expect(sensitivePaths('__proto__')).toEqual([])
})

test('the table has two columns and no row twice', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../mappings/sensitive.tsv'), 'utf8')
  const rows = text.trimEnd().split('\n').slice(1)
  expect(rows.filter((row) => !/^[a-z0-9_]+\t[a-z0-9_.]+$/.test(row))).toEqual([])
  expect(new Set(rows).size).toBe(rows.length)
})
