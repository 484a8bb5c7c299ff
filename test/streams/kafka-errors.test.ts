import kafkajs from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { isHopeless, isPassing, isUnknownTopic, kafkaErrorType } from '../../streams/kafka-errors.ts'

/** As kafkajs makes it from the answer of a broker. */
function answer(type: string, retriable: boolean): Error {
  return new kafkajs.KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 1, retriable }))
}

/** The declarations leave out the message that the constructors need. */
function made(type: new () => Error): Error {
  return Reflect.construct(type, ['of kafkajs'])
}

/** As kafkajs' retrier wraps what it gives up. */
function givenUp(cause: Error): Error {
  return Object.assign(new kafkajs.KafkaJSNonRetriableError(cause), { cause })
}

describe('an error of kafkajs', () => {
  test.each([
    ['rights', answer('GROUP_AUTHORIZATION_FAILED', false)],
    ['rights, wrapped', givenUp(answer('TOPIC_AUTHORIZATION_FAILED', false))],
    ['a record that is too large', answer('MESSAGE_TOO_LARGE', false)],
    ['a session time-out that the broker forbids', answer('INVALID_SESSION_TIMEOUT', false)],
    ['a compression that kafkajs has no codec for', made(kafkajs.KafkaJSNotImplemented)],
    ['credentials', made(kafkajs.KafkaJSSASLAuthenticationError)],
  ])('is hopeless: %s', (_, error) => {
    expect(isHopeless(error)).toBe(true)
  })

  test.each([
    ['no connection', new kafkajs.KafkaJSConnectionError('ECONNREFUSED')],
    ['no connection, given up', givenUp(new kafkajs.KafkaJSConnectionError('ECONNREFUSED'))],
    [
      'tried too often',
      new kafkajs.KafkaJSNumberOfRetriesExceeded(new Error('x'), { retryCount: 5, retryTime: 1 }),
    ],
    ['a leader that moves', answer('NOT_LEADER_FOR_PARTITION', true)],
  ])('is passing: %s', (_, error) => {
    expect([isPassing(error), isHopeless(error)]).toEqual([true, false])
  })

  test('is neither, where only trying can tell', () => {
    const odd = [
      made(kafkajs.KafkaJSGroupCoordinatorNotFound),
      givenUp(new TypeError('of null')),
      new Error('x'),
    ]
    for (const error of odd) expect([isPassing(error), isHopeless(error)]).toEqual([false, false])
  })

  test('tells its type through every wrapping', () => {
    const error = givenUp(answer('UNKNOWN_TOPIC_OR_PARTITION', true))
    expect(kafkaErrorType(error)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(isUnknownTopic(error)).toBe(true)
    expect(kafkaErrorType('not even an error')).toBeUndefined()
  })
})
