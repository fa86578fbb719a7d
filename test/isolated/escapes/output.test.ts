/** Escapes by output: what a malicious script writes for the terminal, the CI, the history, and for its parent. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { stateFolder } from '../../../runtime/host/state_folder.ts'
import { readMessages } from '../../../runtime/isolated/messages.ts'
import { decode } from '../../../runtime/isolated/values.ts'
import { importNames } from '../../../runtime/script/import_names.ts'
import { readScriptFile } from '../../../runtime/script/script_file.ts'
import { readSummary } from '../../../runtime/script/summary.ts'
import { homeEnv, type Project, project, removeFolder, temporaryFolder } from '../../_cli.ts'
import { LINKS } from '../../_links.ts'
import { hidesSecrets, settingsFor } from '../../cli/_configured.ts'
import { DENO, escapes } from './_attacks.ts'

const output = escapes('output')

/** A title for the terminal, a new link, a cleared screen, a C1 control and a direction override. */
const TERMINAL = '\u001b]0;title\u0007\u001b]8;;http://evil\u0007\u001b[2J\u009b31m\u202eafter'
const COMMANDS = '\n::add-mask::x\n::set-output name=a::b\n##[error]forged\n##vso[task.setvariable variable=a]b\n'
const FORGED = '{"v":1,"id":"forged","startedAt":"2026-01-01T00:00:00.000Z","outcome":"done","exitCode":0}'

const SCRIPT = `// @ts-nocheck
/** Innocent \u001b]0;title\u0007\u202e ::add-mask::x */
import { defineScript } from '#wfg'
import * as v from 'valibot'
const evil = ${JSON.stringify(TERMINAL + COMMANDS)}
const bytes = (text) => new TextEncoder().encode(text)
export default defineScript({
  args: v.object({ how: v.optional(v.pipe(v.string(), v.description(evil)), 'shout') }),
  examples: [evil],
  async *run({ args, log, progress, server }) {
    if (args.how === 'shout') {
      for (const stream of [Deno.stdout, Deno.stderr]) {
        stream.writeSync(bytes(evil))
        // In parts, so that none of them is a command.
        for (const part of evil) stream.writeSync(bytes(part))
      }
      console.log(evil)
      console.error(evil)
      log(evil)
      log.warn(evil)
      progress(1, 2, evil)
      yield { [evil]: evil }
      throw Object.assign(new Error(evil + ${JSON.stringify(`\n${FORGED}\n`)}), { name: evil, stack: evil })
    }
    // The mark of the messages is no secret to the script.
    const own = process.stdout.write
    let mark = ''
    process.stdout.write = function (text, ...more) { mark ||= String(typeof text === 'string' ? text : new TextDecoder().decode(text)).split('{')[0]; return own.call(this, text, ...more) }
    log('x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.stdout.write = own
    if (!mark.includes('wfg ')) throw new Error('it did not see the mark')
    const forge = (message) => Deno.stdout.writeSync(bytes(mark + (typeof message === 'string' ? message : JSON.stringify(message)) + '\\n'))
    const told = []
    const { parse } = JSON
    JSON.parse = (text, ...more) => {
      const value = parse(text, ...more)
      if (!(value?.id >= 100)) return value
      told.push(text)
      return { type: 'stop' }
    }
    for (const [id, what] of ['connect', 'token status', 'token', 'secret', '__proto__', undefined, 'confirm'].entries())
      forge({ type: 'ask', id: 100 + id, what, value: evil })
    await server()
    JSON.parse = parse
    for (const text of [evil, 5, null, { a: evil }]) forge({ type: 'text', text })
    for (const done of ['x', -1, null, 1e400]) forge({ type: 'progress', done, total: evil, detail: evil })
    if (args.how === 'rows') forge({ type: 'rows', rows: 5 })
    if (args.how === 'early') forge({ type: 'result', isRows: true })
    forge({ type: 'rows', rows: [{ told, __proto__: null, ['__proto__']: { polluted: 1 }, big: '\\u0001i5', bytes: '\\u0001bAA', error: '\\u0001e["x",{"a":1}]' }] })
    forge({ type: 'end', exitCode: 0, error: { name: 'constructor', message: evil + ${JSON.stringify(`\n${FORGED}\n`)}, exitCode: 0, details: { code: 'WFG_USAGE' } } })
    await new Promise(() => setTimeout(() => {}, 5000))
  },
})`

function hostile(): Project {
  return project({
    'tasks.ts': `import { defineTasks, folder, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {
  evil: { script: './scripts/evil.ts', access: 'read', isolated: true },
  control: { script: './scripts/evil.ts', access: 'read' },
  ...folder('./scripts/shared', { isolated: true }),
})
await main(import.meta, tasks)`,
    'scripts/evil.ts': SCRIPT,
    'scripts/shared/x.ts': 'await 1',
  })
}

/** Asserts that a terminal and a CI find nothing to do in the text. */
function isHarmless(text: string, what: string, isCi = true): void {
  const own = text.replace(/^::error title=[^\n]*$/m, '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  assert.not.match(own, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/, what)
  if (isCi) assert.not.match(own, /^\s*::|##\[|##vso\[/m, what)
}

output('what it writes does nothing to the terminal or the CI', async () => {
  const made = hostile()
  try {
    const ci = { CI: 'true', GITHUB_ACTIONS: 'true' }
    const env = { ...settingsFor({ url: 'http://127.0.0.1:9' }), ...ci }
    const [isolated, control, help] = await Promise.all([
      made.run(['evil', '--format', 'ndjson'], { env }),
      made.run(['control', '--format', 'ndjson'], { env, command: DENO! }),
      made.run(['help', 'evil'], { env }),
    ])
    assert.is(isolated.status, 1)
    // A program that reads the result gets what the script writes there, but a CI obeys none of it.
    assert.not.match(isolated.stdout, /^\s*::|##\[|##vso\[/m)
    isHarmless(isolated.stderr, 'standard error')
    isHarmless(help.stdout, 'help')
    hidesSecrets(isolated)
    assert.ok(control.stdout.includes(TERMINAL + COMMANDS), 'without isolation it reaches the CI')
    assert.ok(control.stderr.includes(TERMINAL + COMMANDS), 'without isolation it reaches the terminal')
    if (process.platform !== 'win32')
      writeFileSync(join(made.dir, 'scripts', 'shared', `${TERMINAL.replace(/\//g, '')}.ts`), '/** x */')
    const list = await made.run(['list'], { env })
    isHarmless(list.stdout + list.stderr, 'list')
  } finally {
    made.cleanup()
  }
})

output('forged messages get nothing, and change nothing but the result', async () => {
  const made = hostile()
  try {
    const state = join(made.dir, 'state')
    const settings = { ...settingsFor({ url: 'http://127.0.0.1:9' }), WFG_TOKEN_CACHE: 'disk' }
    const env: Record<string, string> = { ...settings, ...homeEnv(state), XDG_STATE_HOME: state }
    const ways = ['messages', 'rows', 'early']
    const all = await Promise.all(
      ways.map((how) => made.run(['evil', '--how', how, '--format', 'ndjson', '--yes'], { env, limitMs: 20_000 })),
    )
    for (const [index, found] of all.entries()) {
      const how = ways[index]!
      assert.is(found.status, 1, `${how}: ${found.stderr}`)
      hidesSecrets(found)
      isHarmless(found.stderr, how, false)
      assert.not.match(found.stderr, /it did not see the mark/)
    }
    const records = readFileSync(
      join(stateFolder({ env, platform: process.platform }, undefined)!, 'runs.ndjson'),
      'utf8',
    )
      .trim()
      .split('\n')
    assert.equal(new Set(records.map((line) => JSON.parse(line).task)), new Set(['evil']))
    const runs = await made.run(['runs'], { env })
    isHarmless(runs.stderr, 'runs', false)
    assert.not.match(runs.stdout, /^forged/m)
    assert.match(all[0]!.stdout, /told/, all[0]!.stderr)
    const row = JSON.parse(all[0]!.stdout.trim().split('\n').at(-1)!)
    assert.is(row.told.length, 7)
    const known = [
      'profile',
      'webUrl',
      'impersonate',
      'impersonateHeader',
      'timeoutMs',
      'concurrency',
      'dryRun',
      'protected',
      'graphqlUrl',
    ]
    for (const name of Object.keys(JSON.parse(row.told[0]).value)) assert.ok(known.includes(name), name)
    assert.equal(readdirSync(made.dir).sort(), [
      'bunfig.toml',
      'deno.json',
      'node_modules',
      'package.json',
      ...(LINKS.folder ? ['runtime'] : []),
      'scripts',
      'state',
      'tasks.ts',
    ])
  } finally {
    made.cleanup()
  }
})

output('a message without an end is not kept for ever', async () => {
  async function* flood() {
    yield new TextEncoder().encode('mark{')
    for (;;) yield new Uint8Array(16 << 20).fill(32)
  }
  let problem = ''
  try {
    for await (const _ of readMessages(flood(), 'mark'));
  } catch (error) {
    problem = String(error)
  }
  assert.match(problem, /too long/)
})

output('a source or a message that takes long to read does not keep the parent busy', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'x.ts')
  try {
    for (const start of ['import ', 'import //a'])
      for (const part of ['//a', '//a\n', '/*a*/', ' ']) {
        writeFileSync(path, `1;${start}${part.repeat(4000)}\n(`)
        assert.type(readScriptFile(path).defines, 'boolean')
        writeFileSync(path, `${start}${part.repeat(4000)}\n(`)
        assert.is(readSummary(path).summary, '')
      }
    assert.equal(importNames(`from${' '.repeat(500_000)}x`), [])
    assert.type(decode(`"\\u0001i${'9'.repeat(5_000_000)}"`), 'string')
  } finally {
    removeFolder(folder)
  }
})

output.run()
