import { DeliveryError } from '../sink.ts'

const fixes: Record<string, string> = {
  ENOENT: 'create its folder',
  EACCES: 'let this user write there',
  EPERM: 'let this user append to it, and rename it when it is full',
  EISDIR: 'name a file, not a folder',
  ENOTDIR: 'one of its folders is a file',
  ENOSPC: 'the disk is full',
}

/** Why a sink's file cannot be written, in words that name it and the fix; whether trying again can help. */
export function unwritableFile(path: string, cause: unknown): DeliveryError {
  const code = String((cause as { code?: unknown }).code ?? 'unknown error')
  const fix = fixes[code]
  return new DeliveryError(`${path} cannot be written (${code})${fix ? `: ${fix}` : ''}`, {
    retryable: code !== 'EISDIR' && code !== 'ENOTDIR',
    cause,
  })
}
