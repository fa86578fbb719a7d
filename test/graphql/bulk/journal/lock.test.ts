import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../../runtime/core/errors.ts'
import { quotedPath } from '../../../../runtime/core/visible.ts'
import { lockJournal } from '../../../../runtime/graphql/bulk/journal/lock.ts'
import { systemHost } from '../../../../runtime/host/host.ts'
import { rejects } from '../../../_assert.ts'
import { REPOSITORY } from '../../../_cli.ts'
import { type Compiled, compiled } from '../../../_compiled.ts'
import { unshare } from '../../../_locks.ts'
import { runtimes, startProcess } from '../../../auth/_processes.ts'
import { graphqlServer, listeningServer, withJournal } from '../../_bulk.ts'

const lock = suite('journal_lock')
const host = systemHost()

let program: Compiled
lock.before(() => {
  program = compiled(join(REPOSITORY, 'test', 'graphql', '_bulk_child.ts'))
})
lock.after(() => program.cleanup())

lock('lockJournal() refuses a journal that is in use, and names the run and the file to delete', async () => {
  await withJournal(async (path, folder) => {
    const held = lockJournal(host, 'given.ndjson', path)
    const { since } = JSON.parse(readFileSync(`${path}.lock`, 'utf8'))
    const { message } = await rejects(() => lockJournal(host, 'given.ndjson', path), { instance: RefusedError })
    assert.is(
      message,
      `Refused to use the journal "given.ndjson": process ${process.pid} on ${JSON.stringify(host.hostname())} has used it since ${since}. ` +
        'Nothing was sent. Wait until that run ends. ' +
        `If you are sure that it has ended, delete ${quotedPath(`${path}.lock`)} and run this again.`,
    )
    held.release()
    assert.equal(readdirSync(folder), [])
  })
})

lock('lockJournal() refuses a journal whose lock names no process, at any age', async () => {
  await withJournal(async (path) => {
    writeFileSync(`${path}.lock`, '{"pid":')
    await rejects(() => lockJournal(host, path, path), {
      instance: RefusedError,
      message: /its lock file does not say which process uses it\. Nothing was sent/,
    })
  })
})

for (const [title, isFirstInside] of [
  ['inside, the second outside', true],
  ['outside, the second inside', false],
] as const) {
  lock(`of two runs with one journal, the first ${title} of a pid namespace, the second is refused`, async () => {
    const starter = unshare()
    if (!starter) return
    const [runtime] = runtimes()
    const server = graphqlServer()
    // The first run goes on until the second has ended, however slowly that starts.
    let delayMs = 500
    const http = await listeningServer(server, () => delayMs)
    await withJournal(async (path) => {
      const child = [program.file, http.url, path, '600'] as const
      const first = startProcess(runtime!, child, {}, isFirstInside ? starter : [])
      while (server.executed.length === 0) await setTimeout(10)
      const second = await startProcess(runtime!, child, {}, isFirstInside ? [] : starter).ended
      delayMs = 0
      assert.match(second.stderr, /Refused to use the journal/)
      const { stdout, stderr } = await first.ended
      assert.equal(new Set(JSON.parse(stdout.split('\n')[1] ?? '[]')), new Set(['done']), stderr)
    }).finally(() => http.close())
    assert.equal([server.executions.size, server.executed.length], [600, 600])
  })
}

lock.run()
