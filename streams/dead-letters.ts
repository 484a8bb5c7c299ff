import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { InRecord, OutRecord } from './bus.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const LONGEST_MESSAGE = 1_000

/** By how much a sealed value is longer than what is in it. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES

/** What could not be processed: a record of the log, or bytes that never became one (topic null). */
export interface DeadLetter {
  topic: string | null
  partition: number | null
  offset: number | null
  /** Epoch milliseconds: of the record, or when the bytes were read. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, string>
  /** Which step gave it up: a stage, a source or a sink. */
  stage: string
  /** Machine-readable: not-avro, bad-magic, rejected, ... */
  code: string
  /** For people. Must hold nothing of the value: it is stored in the open. */
  message: string
  attempts: number
  /** Where it comes from, for people: a file and record number, or topic/partition/offset. */
  origin: string
}

/**
 * The record for the dead-letters topic. The value may hold secrets that nothing has redacted, so it is sealed (nonce,
 * ciphertext and tag of AES-256-GCM); key and headers stay as they were, and dlt.* headers tell the rest.
 */
export function deadLetter(letter: DeadLetter, topic: string, sealingKey: Buffer): OutRecord {
  const about: Record<string, string | null> = {
    'dlt.topic': letter.topic,
    'dlt.partition': text(letter.partition),
    'dlt.offset': text(letter.offset),
    'dlt.timestamp': String(letter.timestamp),
    'dlt.stage': letter.stage,
    'dlt.error.code': letter.code,
    'dlt.error.message': letter.message.slice(0, LONGEST_MESSAGE),
    'dlt.attempts': String(letter.attempts),
    'dlt.origin': letter.origin,
  }
  const headers = { ...letter.headers }
  for (const [name, value] of Object.entries(about)) if (value !== null) headers[name] = value
  return { topic, key: letter.key, value: letter.value && seal(letter.value, sealingKey), headers }
}

/** What deadLetter() was given. Throws if the value was sealed with another key. */
export function openDeadLetter({ key, value, headers }: InRecord, sealingKey: Buffer): DeadLetter {
  const { ...rest } = headers
  function take(name: string): string | null {
    const found = rest[name] ?? null
    delete rest[name]
    return found
  }
  const about = {
    topic: take('dlt.topic'),
    partition: number(take('dlt.partition')),
    offset: number(take('dlt.offset')),
    timestamp: Number(take('dlt.timestamp')),
    stage: take('dlt.stage') ?? '',
    code: take('dlt.error.code') ?? '',
    message: take('dlt.error.message') ?? '',
    attempts: Number(take('dlt.attempts')),
    origin: take('dlt.origin') ?? '',
  }
  return { ...about, key, value: value && unseal(value, sealingKey), headers: rest }
}

function seal(value: Buffer, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
}

function unseal(sealed: Buffer, key: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new Error('the dead letter was sealed with another key than secrets.deadLetterKey, or is damaged', {
      cause,
    })
  }
}

function text(value: number | null): string | null {
  return value === null ? null : String(value)
}

function number(value: string | null): number | null {
  return value === null ? null : Number(value)
}
