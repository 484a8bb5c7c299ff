import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { KAFKA_VERSION, kafkaHome } from '../services/kafka.ts'
import { APICURIO_VERSION, registryHome } from '../services/registry.ts'
import type { Engine } from './engine.ts'

const run = promisify(execFile)
const recipes = join(import.meta.dirname, 'images')
const DEBIAN = 'bookworm'
const AUTHORITIES = process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt'

/**
 * Makes what stands for the images that Dockerfile and docker-compose.yml name: no image is pulled. The base is
 * Debian by debootstrap; Node, Kafka and the registry are the programs that the other tests run. Kept by the engine
 * until a recipe changes.
 */
export async function makeStandIns(engine: Engine): Promise<void> {
  const debian = `stand-in/debian:${DEBIAN}`
  if (!(await has(engine, debian))) await importDebian(engine, debian)
  const base = await make(engine, { name: 'base', args: { DEBIAN: debian }, fill: fillBase })
  const java = await make(engine, { name: 'java', args: { BASE: base } })
  const node = await make(engine, { name: 'node', args: { BASE: base }, fill: fillNode })
  const kafka = await make(engine, {
    name: 'kafka',
    args: { BASE: java },
    contents: KAFKA_VERSION,
    fill: async (dir) => cp(join(await kafkaHome(), 'lib'), join(dir, 'lib'), { recursive: true }),
  })
  const registry = await make(engine, {
    name: 'registry',
    args: { BASE: java },
    contents: APICURIO_VERSION,
    fill: fillRegistry,
  })
  await engine.docker('tag', node, 'node:24-bookworm-slim')
  await engine.docker('tag', kafka, 'apache/kafka:4.3.1')
  await engine.docker('tag', registry, 'apicurio/apicurio-registry:3.0.9')
}

async function has(engine: Engine, image: string): Promise<boolean> {
  return (await engine.docker('images', '--quiet', image)).trim() !== ''
}

async function importDebian(engine: Engine, image: string): Promise<void> {
  await inFolder(async (dir) => {
    const tree = join(dir, 'tree')
    const archive = join(dir, 'debian.tar')
    await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', DEBIAN, tree], QUIET)
    await run('tar', ['-C', tree, '--exclude=./dev/*', '--exclude=./proc/*', '-cf', archive, '.'])
    await engine.docker('import', archive, image)
  })
}

const QUIET = { maxBuffer: 2 ** 26 }

interface Recipe {
  /** Its folder in images/. */
  name: string
  args: Record<string, string>
  /** What the image is made of besides its folder: another value makes a new image. */
  contents?: string
  /** Puts into the context what the folder does not have. */
  fill?: (context: string) => Promise<void>
}

/** Builds an image, unless there is one of this very recipe; returns its name. */
async function make(engine: Engine, { name, args, contents = '', fill }: Recipe): Promise<string> {
  const folder = join(recipes, name)
  const image = `stand-in/${name}:${await digest(folder, JSON.stringify(args) + contents)}`
  if (await has(engine, image)) return image
  await inFolder(async (context) => {
    await cp(folder, context, { recursive: true })
    await fill?.(context)
    const flags = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
    await engine.docker('build', '--quiet', '--tag', image, ...flags, context)
  })
  return image
}

async function digest(folder: string, salt: string): Promise<string> {
  const hash = createHash('sha256').update(salt)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  for (const file of files.sort()) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 12)
}

async function fillBase(context: string): Promise<void> {
  await cp(AUTHORITIES, join(context, 'authorities.pem'))
}

/** Node 24 from the package `node` of npm, and the npm of this machine. */
async function fillNode(context: string): Promise<void> {
  const exec = ['exec', '--yes', '--prefer-offline', '--package=node@24', '--']
  const node = await run('npm', [...exec, 'node', '-p', 'process.execPath'])
  await cp(node.stdout.trim(), join(context, 'node'))
  const modules = await run('npm', ['root', '--global'])
  await cp(join(modules.stdout.trim(), 'npm'), join(context, 'npm'), { recursive: true })
}

async function fillRegistry(context: string): Promise<void> {
  const home = await registryHome()
  const isNeeded = (file: string) => !/\/(?:target|PaxHeaders\.X|pom\.xml|[^/]*\.jsa)$/.test(file)
  await cp(home, join(context, 'registry'), { recursive: true, filter: isNeeded })
}

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'tfdrift-stand-in-'))
  try {
    await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
