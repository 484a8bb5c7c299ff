import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
// The newer plugin reads the artifact's descriptor, and with it a parent that Apicurio does not publish.
const OLD_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8'
const TIMEOUT_MS = 300_000

/** A dependency of a generated pom. */
export interface Dependency {
  group: string
  artifact: string
  version: string
  /** Leave out what the artifact itself depends on. */
  alone?: boolean
}

/** Where downloaded services are kept between runs, outside of the checkout. */
export function cacheRoot(): string {
  return process.env.TFDRIFT_TEST_CACHE ?? join(homedir(), '.cache', 'tfdrift-test-services')
}

/**
 * The folder for a key, built once. Two runs that start at once both build, each in a folder of its own, and the
 * first rename wins: a folder under its final name is always complete.
 */
export async function cached(key: string, build: (dir: string) => Promise<void>): Promise<string> {
  const final = join(cacheRoot(), key)
  if (existsSync(final)) return final
  const building = `${final}.${process.pid}.${randomUUID().slice(0, 8)}`
  await mkdir(building, { recursive: true })
  try {
    await build(building)
    await rename(building, final).catch((error: unknown) => {
      if (!existsSync(final)) throw error
    })
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return final
}

/** Copies the jars of the dependencies, and of all that they need at run time, into `dir`. */
export async function copyDependencies(dir: string, dependencies: Dependency[]): Promise<void> {
  await maven(dir, dependencies, [
    `${PLUGIN}:copy-dependencies`,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${dir}`,
  ])
}

/** Unpacks one archive artifact (`group:artifact:version:type:classifier`) into `dir`. */
export async function unpack(dir: string, coordinate: string): Promise<void> {
  await maven(dir, [], [`${OLD_PLUGIN}:unpack`, `-Dartifact=${coordinate}`, `-DoutputDirectory=${dir}`])
}

async function maven(cwd: string, dependencies: Dependency[], args: string[]): Promise<void> {
  await mkdir(cwd, { recursive: true })
  await writeFile(join(cwd, 'pom.xml'), pomOf(dependencies))
  try {
    await run('mvn', ['-B', '-q', ...args], { cwd, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' })
  } catch (error) {
    const { code, stdout = '', message } = error as { code?: unknown; stdout?: string; message: string }
    if (code === 'ENOENT') throw new Error('mvn is not installed', { cause: error })
    const reason = stdout.split('\n').find((line) => line.includes('ERROR')) ?? message
    throw new Error(`mvn ${args.find((arg) => arg.includes('-plugin:'))} failed: ${reason.trim()}`, {
      cause: error,
    })
  }
}

function pomOf(dependencies: Dependency[]): string {
  const everything =
    '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
  const lines = dependencies.map(
    ({ group, artifact, version, alone }) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>` +
      `${alone ? everything : ''}</dependency>`,
  )
  return [
    '<project>',
    '  <modelVersion>4.0.0</modelVersion>',
    '  <groupId>tfdrift</groupId><artifactId>test-services</artifactId><version>1</version>',
    '  <packaging>pom</packaging>',
    '  <dependencies>',
    ...lines,
    '  </dependencies>',
    '</project>',
    '',
  ].join('\n')
}
