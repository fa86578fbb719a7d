import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, temporaryFolder } from '../../_cli.ts'
import { NO_SIGNALS, needs, SENDS_SIGNALS } from '../../_not_run.ts'
import { type ScriptedReply, withServer } from '../../_server.ts'
import { hidesSecrets, settingsFor, TOKEN } from '../../cli/_configured.ts'
import { type Running, running } from '../../cli/_running.ts'

const direct = suite('tasks/lifecycle_direct')
const signalled = needs(SENDS_SIGNALS, NO_SIGNALS, direct)

const OK: ScriptedReply = { body: { data: { create: 1 } } }
/** Begins to wait for something else once its mutation is done. */
const FILES = {
  'scripts/ends.ts': `import process from 'node:process'
import { wfg } from '#wfg'
process.on('SIGTERM', () => console.error('heard it'))
try {
  console.log(JSON.stringify(await wfg('mutation M { create }')))
  await wfg('{ viewer { userName } }')
} finally {
  console.log('cleaned up')
}`,
  'scripts/deaf.ts': `import { wfg } from '#wfg'
console.log(JSON.stringify(await wfg('mutation M { create }')))
await new Promise((resolve) => setTimeout(resolve, 20_000))`,
  'scripts/fails.ts': `import { wfg } from '#wfg'
await wfg('mutation M { create }')
throw new Error('broken')`,
}

/** Starts a file against a server whose answer to the mutation waits until `answer` is called. */
async function withFile(
  name: keyof typeof FILES,
  args: readonly string[],
  action: (started: { file: Running; arrived: Promise<void>; answer: () => void }) => Promise<void>,
): Promise<void> {
  const { dir, cleanup } = project(FILES)
  const home = temporaryFolder()
  let arrive = () => {}
  let answer = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const held: ScriptedReply = async () => {
    arrive()
    await answered
    return OK as never
  }
  try {
    await withServer([TOKEN, held], async (server) => {
      const file = running(join(dir, name), args, { cwd: dir, home, env: settingsFor(server) })
      await action({ file, arrived, answer })
      hidesSecrets(await file.ended)
    })
  } finally {
    cleanup()
    rmSync(home, { recursive: true, force: true })
  }
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  signalled(`${signal} waits for the mutation on its way and for the file's cleanup, and ends with ${status}`, () =>
    withFile('scripts/ends.ts', [], async ({ file, arrived, answer }) => {
      await arrived
      file.signal(signal)
      await file.shows(signal === 'SIGINT' ? /Stopping\. Press Ctrl-C again/ : /heard it/)
      answer()
      const { status: ended, stdout, stderr } = await file.ended
      assert.equal([ended, stdout], [status, '{"create":1}\ncleaned up\n'])
      assert.match(stderr, /Interrupted\.\n$/)
      assert.not.match(stderr, /error:/)
    }),
  )
}

signalled('a file that fails after SIGINT says why, and ends with 130', () =>
  withFile('scripts/fails.ts', [], async ({ file, arrived, answer }) => {
    await arrived
    file.signal('SIGINT')
    await file.shows(/Stopping/)
    answer()
    const { status, stderr } = await file.ended
    assert.is(status, 130)
    assert.match(stderr, /broken[\s\S]*Interrupted\.\n$/)
  }),
)

signalled('a second SIGINT ends the file at once', () =>
  withFile('scripts/deaf.ts', [], async ({ file, arrived, answer }) => {
    await arrived
    answer()
    await file.shows(/create/)
    file.signal('SIGINT')
    await file.shows(/Stopping/)
    file.signal('SIGINT')
    const { status, stderr } = await file.ended
    assert.is(status, 130)
    assert.match(stderr, /Interrupted\.\n$/)
  }),
)

direct('--timeout ends with 124 even if the file ends while it waits for a mutation', () =>
  withFile('scripts/ends.ts', ['--timeout', '1'], async ({ file, arrived, answer }) => {
    await arrived
    setTimeout(answer, 1500)
    const { status, stdout, stderr } = await file.ended
    assert.equal([status, stdout], [124, '{"create":1}\ncleaned up\n'])
    assert.match(stderr, /The time of 1 s for this run \(--timeout\) is over\.\n$/)
  }),
)

direct.run()
