import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

/** The folders that make the product; test/ and scripts/ are not shipped. */
export const product = [
  'schemas',
  'mappings',
  'rules',
  'processors',
  'streams',
  'connectors',
  'cli',
  'bench',
] as const

export interface SourceFile {
  /** From the root, with /. */
  file: string
  text: string
}

/** A file by its path from the root. */
export function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

/** The TypeScript files under these folders. */
export function sources(folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        [folder, ...file.split(path.sep)].join('/'),
      ),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => ({ file, text: read(file) }))
}

/** Each place where the pattern stands, as FILE:LINE and the line. */
export function placesOf(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}  ${line.trim()}`] : [])),
  )
}
