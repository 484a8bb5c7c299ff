import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Java, startJava } from './java.ts'
import { cached, unpack } from './maven.ts'
import { freePort } from './ports.ts'
import { until } from './until.ts'

/** A version that runs on Java 17; docs/decisions/0003 tells more. */
export const APICURIO_VERSION = '3.0.9'

/** A running schema registry. */
export interface RegistryService {
  /** What @kafkajs/confluent-schema-registry takes as `host`. */
  url: string
  stop(): Promise<void>
}

/** The folder that has the registry's jars, fetched once. */
export async function registryHome(): Promise<string> {
  return cached(`apicurio-${APICURIO_VERSION}`, (into) =>
    unpack(into, `io.apicurio:apicurio-registry-app:${APICURIO_VERSION}:tar.gz:all`),
  )
}

/** Starts an empty schema registry in memory, on a free port of the loopback address. */
export async function startRegistry(): Promise<RegistryService> {
  const home = await registryHome()
  const dir = await mkdtemp(join(tmpdir(), 'tfdrift-registry-'))
  const port = await freePort()
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': String(port),
    'quarkus.log.level': 'WARN',
    'quarkus.banner.enabled': 'false',
    'java.io.tmpdir': dir,
  }
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`)
  const jar = join(home, `apicurio-registry-app-${APICURIO_VERSION}-runner.jar`)
  const args = ['-Xmx300m', ...defines, '-jar', jar]
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const archive = join(home, 'apicurio.jsa')
  let java: Java | undefined

  async function start(): Promise<void> {
    java = await startJava({ args, dir, archive })
    await until('Apicurio Registry starts', isReady, { deadlineMs: 90_000 })
  }
  async function stop(hard = false): Promise<void> {
    await java?.stop(hard)
    await rm(dir, { recursive: true, force: true })
  }
  async function isReady(): Promise<true | undefined> {
    await java?.assertAlive()
    const response = await fetch(`${url}/subjects`)
    return response.ok ? true : undefined
  }

  try {
    await start()
    // A rehearsal, once after the download: the stop writes the archive that makes later starts quick.
    if (!existsSync(archive)) {
      await java?.stop()
      await start()
    }
  } catch (error) {
    await stop(true)
    throw error
  }
  return { url, stop: () => stop() }
}
