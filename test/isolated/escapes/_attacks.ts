/** Runs a table of attacks: by an isolated script, and as a control by the same script with all rights of Deno. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { homeEnv, type Project, project, REPOSITORY } from '../../_cli.ts'
import { LINKS } from '../../_links.ts'
import { needs } from '../../_not_run.ts'
import { commandOf } from '../../_runtime.ts'
import { hidesSecrets, settingsFor } from '../../cli/_configured.ts'

/** The body of an async function by the name of the attack. It throws if the attack fails; `at` has what it is told. */
export type Attacks = Readonly<Record<string, string>>

export const DENO = commandOf('deno')

/** A suite of attacks, which need Deno. */
export function escapes(name: string): ReturnType<typeof suite> {
  return needs(DENO !== undefined, 'isolated scripts need Deno', suite(`isolated/escapes/${name}`))
}

export const GRANTS = "{ read: ['data'], write: ['out'], mutations: 0 }"

/** A project whose folder holds what a malicious script would want. */
export function victim(attacks: Attacks, files: Readonly<Record<string, string>> = {}): Project {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  isolated: { script: './scripts/attack.ts', isolated: ${GRANTS} },
  control: { script: './scripts/attack.ts' },
})
await main(import.meta, tasks)`,
    'scripts/attack.ts': scriptOf(attacks),
    '.env': `WFG_CLIENT_SECRET=${LOOT}\n`,
    'secret.json': JSON.stringify(LOOT),
    'outside.ts': `export default '${LOOT}'`,
    'victim.txt': LOOT,
    'data/in.txt': 'may be read',
    'home/.ssh/id': LOOT,
    'home/.cache/wfg/token.json': LOOT,
    'home/.local/state/wfg/history.ndjson': LOOT,
    'tmp/x': '',
    'out/x': 'may be written',
    ...files,
  })
}

/** What no isolated script may see. */
export const LOOT = 'loot-of-a-malicious-script'

export interface Tried {
  readonly name: string
  /** `worked`, or why it did not. */
  readonly found: string
}

/** Runs all attacks in one process. */
export async function attack(
  { dir, run }: Project,
  how: 'isolated' | 'control',
  at: Readonly<Record<string, unknown>>,
  url = 'http://127.0.0.1:9',
): Promise<Tried[]> {
  // Where no links can be made, the project lies in the repository.
  const installed = LINKS.folder ? dir : REPOSITORY
  const all = { root: dir, installed, home: join(dir, 'home'), temp: join(dir, 'tmp'), how, ...at }
  const env = {
    ...settingsFor({ url }),
    ...homeEnv(all.home),
    ...{ TMPDIR: all.temp, TEMP: all.temp, WFG_CLIENT_SECRET: LOOT, WFG_CONCURRENCY: '1' },
  }
  const options = { env, ...(how === 'control' ? { command: [...DENO!, '--unstable-raw-imports'] } : {}) }
  const found = await run([how, '--at', JSON.stringify(all), '--format', 'ndjson', '--yes'], options)
  assert.is(found.status, 0, `${how}: ${found.stderr}\n${found.stdout}`)
  if (how === 'isolated') hidesSecrets(found)
  return found.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Tried)
}

/** Asserts that each attack works with all rights, and is refused, for this reason, without. */
export function compare(isolated: readonly Tried[], control: readonly Tried[], attacks: Attacks, reason: RegExp): void {
  assert.equal(
    isolated.filter(({ found }) => !reason.test(found) || /^worked/.test(found)),
    [],
    'each attack is refused in isolation, for the reason that was meant',
  )
  assert.equal(
    control.filter(({ found }) => found !== 'worked'),
    [],
    'each attack works without isolation, so it has no mistake',
  )
  for (const tried of [isolated, control])
    assert.equal(
      tried.map(({ name }) => name),
      Object.keys(attacks),
    )
}

/** Every file below a folder with its content, but not what links lead to. */
export function contents(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return contents(path)
      return [`${path}: ${entry.isFile() ? readFileSync(path, 'utf8') : 'a link or a socket'}`]
    })
    .sort()
}

/** Writes files of the project anew. */
export function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
}

// --- internal ---

function scriptOf(attacks: Attacks): string {
  const bodies = Object.entries(attacks).map(([name, body]) => `[${JSON.stringify(name)}, async () => {\n${body}\n}],`)
  return `// @ts-nocheck
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as http from 'node:http'
import * as os from 'node:os'
import * as path from 'node:path'
import * as v8 from 'node:v8'
import * as childProcess from 'node:child_process'
import * as workerThreads from 'node:worker_threads'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { defineScript, gql, token, wfg } from '#wfg'
const require = createRequire(import.meta.url)
const LOOT = ${JSON.stringify(LOOT)}.split('').join('')
const isLoot = (text) => { if (!String(text).includes(LOOT)) throw new Error('it found something else: ' + String(text).slice(0, 80)) }
const inTime = (promise, ms = 3000) => Promise.race([promise, sleep(ms).then(() => { throw new Error('nothing came of it') })])
const inWorker = (source, options = {}) => inTime(new Promise((resolve, reject) => {
  const worker = new Worker('data:application/javascript,' + encodeURIComponent('try { postMessage({ value: await (async () => {' + source + '})() }) } catch (error) { postMessage({ error: String(error) }) }'), { type: 'module', ...options })
  worker.onerror = (event) => { event.preventDefault(); reject(new Error(event.message)) }
  worker.onmessage = ({ data }) => { worker.terminate(); data.error ? reject(new Error(data.error)) : resolve(data.value) }
}))
export default defineScript({
  args: v.object({ at: v.string() }),
  async *run({ args, $: $run }) {
    const at = JSON.parse(args.at)
    const attacks = [
${bodies.join('\n')}
    ]
    for (const [name, attempt] of attacks) {
      let found = 'worked'
      try { await attempt() } catch (error) { found = (error?.code ?? '') + ' ' + (error?.name ?? '') + ': ' + String(error?.message ?? error).slice(0, 300) }
      yield { name, found }
    }
    // What an attack left open must not keep the process.
    const { exit } = at.how === 'control' ? Deno : {}
    if (exit) setTimeout(() => exit(0), 300)
  },
})
`
}
