import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askRunning, serveOperations } from '../../../cli/operations/control-socket.ts'
import { aRawEvent } from '../../support/raw-event.ts'
import { type ALog, aLog } from './a-log.ts'

let dataDir = ''
let log: ALog
let served: { close(): Promise<void> } | undefined
beforeEach(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'tfdrift-'))
  log = await aLog({ settings: { dataDir } })
})
afterEach(async () => {
  await served?.close()
  served = undefined
  rmSync(dataDir, { recursive: true })
})

const socket = () => path.join(dataDir, 'control.sock')
async function serve() {
  served = await serveOperations(log)
}

async function ask(name: string, args: object = {}, signal = new AbortController().signal) {
  const results: object[] = []
  const answered = await askRunning(dataDir, name, args, (result) => results.push(result), signal)
  return { answered, results }
}

describe('a command over the control socket', () => {
  it('is answered by the running service, one result after the other', async () => {
    await serve()
    await log.publishEvents(aRawEvent())
    expect(await ask('topics', { topic: 'raw-events' })).toMatchObject({
      answered: true,
      results: [{ topic: 'tfdrift.raw-events', records: 1 }],
    })
    expect((await ask('topics')).results).toHaveLength(10)
    expect(await ask('state')).toEqual({ answered: true, results: [] })
  })

  it('is told so where no service runs', async () => {
    expect(await ask('topics')).toEqual({ answered: false, results: [] })
  })

  it('is told so where a service has left its socket behind', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(socket(), resolve))
    // A server that closes takes the file away; one that is killed does not.
    renameSync(socket(), path.join(dataDir, 'kept'))
    await new Promise((resolve) => server.close(resolve))
    renameSync(path.join(dataDir, 'kept'), socket())
    expect(await ask('topics')).toEqual({ answered: false, results: [] })
  })

  it('fails with the error of the operation', async () => {
    await serve()
    await expect(ask('tap', { topic: 'coffee' })).rejects.toThrow(/^no topic coffee; choose one of /)
  })

  it('fails where there is no such operation', async () => {
    await serve()
    for (const name of ['coffee', 'constructor', '']) {
      await expect(ask(name)).rejects.toThrow(`no operation /${name}`)
    }
  })

  it('fails where the service ends before it has answered', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200).write('{"topic":"a"}\n')
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(socket(), resolve))
    await expect(ask('topics')).rejects.toThrow('the running tfdrift has ended before it answered')
    await new Promise((resolve) => server.close(resolve))
  })

  it('ends with the signal of who asked, and the operation with it', async () => {
    let ended = () => {}
    const operationEnded = new Promise<void>((resolve) => {
      ended = resolve
    })
    const tail: typeof log.bus.tail = async (options, apply) => {
      const running = await log.bus.tail(options, apply)
      return { ...running, stop: () => running.stop().then(ended) }
    }
    served = await serveOperations({ ...log, bus: { ...log.bus, tail } })
    await log.publishEvents(aRawEvent())
    const stop = new AbortController()
    const args = { topic: 'raw-events', follow: true }
    const following = askRunning(dataDir, 'tap', args, () => stop.abort(), stop.signal)
    await expect(following).rejects.toThrow(/abort/i)
    await operationEnded
  })
})

describe('the control socket', () => {
  it('can be opened by its owner only', async () => {
    await serve()
    expect(statSync(socket()).mode & 0o777).toBe(0o600)
  })

  it('leaves the rights of other new files as they were', async () => {
    const before = process.umask()
    await serve()
    expect(process.umask()).toBe(before)
  })

  it('takes the place of one that was left behind', async () => {
    writeFileSync(socket(), '')
    await serve()
    expect((await ask('topics')).answered).toBe(true)
  })

  it('is gone when the service has closed it', async () => {
    await serve()
    await served!.close()
    served = undefined
    expect((await ask('topics')).answered).toBe(false)
  })
})
