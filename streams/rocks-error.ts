import { StoreError, type StoreErrorCode } from './store.ts'

interface Kind {
  code: StoreErrorCode
  messages: RegExp
  problem: string
  fix: string
}

/**
 * Messages of RocksDB and of Node's mkdir, each provoked once: only they tell the kinds of error apart. What the
 * operating system refuses comes first, because RocksDB may call the file corrupt that it was not allowed to read.
 */
const kinds: Kind[] = [
  {
    code: 'LOCKED',
    messages: /^lock hold by current process|^While lock file: .*(Resource temporarily|No locks available)/,
    problem: 'is in use by another process',
    fix: 'stop that process, or give this one a data directory of its own',
  },
  {
    code: 'NO_SPACE',
    messages: /no space left on device|disk quota exceeded/i,
    problem: 'cannot grow: the disk is full',
    fix: 'free some space on that disk; nothing that was acknowledged is lost',
  },
  {
    code: 'NO_PERMISSION',
    messages:
      /permission denied|operation not permitted|read-only file system|not a directory|file already exists/i,
    problem: 'cannot be used: the file system refuses',
    fix: 'make it a directory that the user of this process can read and write',
  },
  {
    code: 'UNKNOWN',
    messages: /too many open files|input\/output error|cannot allocate memory/i,
    problem: 'cannot be used: the machine has run out of something or fails',
    fix: 'see the limits (ulimit -n), the memory and the disk of this machine',
  },
  {
    code: 'CORRUPT',
    messages:
      /^CURRENT file (is missing|does not end with newline)|The file .*MANIFEST.* may be corrupted|block checksum mismatch|^While opening a file for sequentially reading: .*MANIFEST-\d+: No such file|wal_dir contains existing log file/,
    problem: 'is damaged',
    fix: 'restore it from a backup, or move it away to begin with an empty one',
  },
]

const unknown: Omit<Kind, 'messages'> = {
  code: 'UNKNOWN',
  problem: 'cannot be used',
  fix: 'nothing in it has been changed; the message of the store says more',
}

/** The error of a RocksDB call on `dir`, with its kind and what to do. */
export function storeError(dir: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const message = ownMessage(error)
  const { code, problem, fix } = kinds.find(({ messages }) => messages.test(message)) ?? unknown
  return new StoreError(code, `the store in ${dir} ${problem} (${message}): ${fix}`, { cause: error })
}

/** rocksdb-native wraps the errors of batches, and says nothing itself. */
function ownMessage(error: unknown): string {
  if (error instanceof AggregateError) return ownMessage(error.errors.find(Boolean))
  if (!(error instanceof Error)) return String(error)
  return error.cause ? ownMessage(error.cause) : error.message
}
