/** Runs that are killed at random moments execute nothing twice and lose nothing. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Compiled, compiled } from '../_compiled.ts'
import { type GraphQLServer, graphqlServer, listeningServer, withJournal } from './_bulk.ts'

const journalKill = suite('journal_kill')

const COUNT = 600
/** Each is a process, and all run the same code. */
const KILLS = 12
const AT_ONCE = 2

let child: Compiled
journalKill.before(() => {
  child = compiled(fileURLToPath(new URL('./_bulk_child.ts', import.meta.url)))
})
journalKill.after(() => child.cleanup())

journalKill(`bulk() executes no entry twice and loses none when its process is killed ${KILLS} times`, async () => {
  const random = generator(20_261_124)
  const server = graphqlServer()
  const http = await listeningServer(server, () => random() * 6)
  let kills = 0
  let round = 0
  let undisturbed = 0
  try {
    const lane = async (): Promise<void> => {
      while (kills < KILLS) {
        const first = COUNT * round++
        await withJournal(async (journal, folder) => {
          let statuses: Outcomes | undefined
          while (!statuses && kills < KILLS) {
            statuses = await run([...child.args, http.url, journal, String(COUNT), String(first)], random() * 45)
            if (statuses) undisturbed += 1
            else kills += 1
            // On other systems it is not certain that the process has ended, so a person must delete its lock.
            if (process.platform !== 'linux') rmSync(`${journal}.lock`, { force: true })
          }
          statuses = await run([...child.args, http.url, journal, String(COUNT), String(first)], undefined)
          check(server, first, statuses, readFileSync(journal, 'utf8'))
          assert.equal(readdirSync(folder), ['bulk.ndjson'], 'the lock is gone')
        })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
  } finally {
    http.close()
  }
  assert.ok(kills >= KILLS, `killed ${kills} times`)
  assert.ok(undisturbed < kills / 2, `${undisturbed} runs ended before they were killed`)
  assert.not.ok([...server.executions.values()].some((times) => times > 1))
})

journalKill(
  `with find, nothing is unknown at the end, although answers are cut and the process is killed`,
  async () => {
    const [count, killsWanted] = [600, 6]
    const random = generator(20_261_129)
    const server = graphqlServer()
    const http = await listeningServer(
      server,
      () => random() * 6,
      () => random() < 0.02,
    )
    try {
      await withJournal(async (journal) => {
        const args = [...child.args, http.url, journal, String(count), '0', '200']
        let kills = 0
        while (kills < killsWanted && !(await run(args, random() * 60 + 20))) {
          kills += 1
          if (process.platform !== 'linux') rmSync(`${journal}.lock`, { force: true })
        }
        assert.is(kills, killsWanted, 'each of them was killed')
        const outcomes = (await run(args, undefined)) ?? []
        assert.equal(
          [...server.executions.values()].filter((times) => times !== 1),
          [],
        )
        assert.is(server.executions.size, count)
        const wrong = outcomes.filter(([status, n], index) => !/^(done|skipped)$/.test(status) || n !== index + 1)
        assert.equal([outcomes.length, wrong], [count, []])
      })
    } finally {
      http.close()
    }
  },
)

function check(server: GraphQLServer, first: number, statuses: Outcomes | undefined, journal: string): void {
  assert.is(statuses?.length, COUNT, 'every entry has an outcome')
  const unknown = statuses?.filter(([status]) => status === 'unknown').length ?? 0
  for (const [index, [status]] of (statuses ?? []).entries()) {
    const times = server.executions.get(first + index + 1) ?? 0
    const found = `entry ${index} is ${status} and was executed ${times} times\n${journal}`
    assert.ok(times <= 1, found)
    if (status === 'unknown') continue
    assert.ok(status === 'done' || status === 'skipped', found)
    assert.is(times, 1, found)
  }
  // At most the entries in flight when a process is killed.
  assert.ok(unknown < COUNT, 'some entries were done')
}

type Outcomes = readonly (readonly [status: string, n: number | null])[]

/** The outcomes. Undefined if it was killed, that long after it was ready. */
function run(args: readonly string[], killAfterMs: number | undefined): Promise<Outcomes | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (out === '' && killAfterMs !== undefined) void setTimeout(killAfterMs).then(() => child.kill('SIGKILL'))
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.on('error', reject)
    child.on('close', (status, signal) => {
      if (signal === 'SIGKILL') resolve(undefined)
      else if (status === 0) {
        const [statuses, numbers] = out
          .split('\n')
          .slice(1, 3)
          .map((line) => JSON.parse(line))
        resolve(statuses.map((each: string, index: number) => [each, numbers[index]]))
      } else reject(new Error(`the process ended with ${status}: ${err}`))
    })
  })
}

/** The same sequence every time (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

journalKill.run()
