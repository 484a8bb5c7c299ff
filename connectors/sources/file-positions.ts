import type { PositionStore } from '../source.ts'
import type { FoundFile } from './list-files.ts'

/** How far a file has been read. */
export interface FilePosition {
  size: number
  mtimeMs: number
  /** Records handed over. */
  records: number
  done: boolean
}

/** The positions of files by path: in memory, so that a look at a large folder asks the store only once a file. */
export class FilePositions {
  readonly #store: PositionStore
  readonly #known = new Map<string, FilePosition | null>()

  constructor(store: PositionStore) {
    this.#store = store
  }

  /** How far this file has been read; from the start if it is another or has changed. */
  async of(file: FoundFile): Promise<FilePosition> {
    let known = this.#known.get(file.path)
    if (known === undefined) {
      const text = await this.#store.get(keyOf(file.path))
      known = text === null ? null : (JSON.parse(text) as FilePosition)
      this.#known.set(file.path, known)
    }
    const same = known?.size === file.size && known.mtimeMs === file.mtimeMs
    return same ? known! : { size: file.size, mtimeMs: file.mtimeMs, records: 0, done: false }
  }

  async move(path: string, position: FilePosition): Promise<void> {
    await this.#store.set(keyOf(path), JSON.stringify(position))
    this.#known.set(path, position)
  }
}

function keyOf(path: string): string {
  return `cloudtrail-files:${path}`
}
