import { describe, expect, it } from 'vitest'
import { createContext } from '../../cli/context.ts'
import { sensitivePaths } from '../../mappings/sensitive.ts'
import { isHashed } from '../../schemas/hashed-value.ts'

const { isSensitive, hash, mappings, unmanagedAny } = createContext({
  hashKey: Buffer.alloc(32, 1),
  unmanagedAny: true,
})

describe('an attribute is sensitive', () => {
  it.each([
    ['aws_db_instance', 'password', 'its provider says so'],
    ['aws_appconfig_configuration_profile', 'validator.content', 'its provider says so'],
    ['aws_appconfig_configuration_profile', 'validator[1].content', 'its provider says so of every block'],
    ['aws_anything', 'environment[0].variables.DB_PASSWORD', 'its name says so'],
    ['aws_anything', 'tags.ApiKey', 'its name says so'],
    ['aws_anything', 'master_passwords[1]', 'it is an element of one'],
  ])('%s.%s: %s', (type, attribute) => {
    expect(isSensitive(type, attribute)).toBe(true)
  })

  it('where it is a part of what its provider declares sensitive', () => {
    const [type, path] = ['aws_db_instance', 'password']
    expect(sensitivePaths(type)).toContain(path)
    expect(isSensitive(type, `${path}.x`)).toBe(true)
    expect(isSensitive(type, `${path}_length`)).toBe(false)
  })

  it.each([
    ['aws_instance', 'instance_type'],
    ['aws_instance', 'metadata_options[0].http_tokens'],
    ['aws_lambda_function', 'environment[0].variables.STAGE'],
    ['aws_lb_listener', 'default_action[0].authenticate_oidc[0].client_id'],
  ])('but not %s.%s', (type, attribute) => {
    expect(isSensitive(type, attribute)).toBe(false)
  })
})

it('values are hashed with the key that it is given', () => {
  const other = createContext({ hashKey: Buffer.alloc(32, 2), unmanagedAny: false })
  expect(isHashed(hash!('x'))).toBe(true)
  expect(hash!('x')).toBe(hash!('x'))
  expect(other.hash!('x')).not.toBe(hash!('x'))
})

it('it carries the shipped mappings, and whether changes to unmanaged resources are reported', () => {
  expect(mappings.effects('cloudtrail.amazonaws.com', 'StopLogging')).toHaveLength(1)
  expect(unmanagedAny).toBe(true)
})
