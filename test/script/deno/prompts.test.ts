import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { folderWithPackages, project, REPOSITORY, removeFolder } from '../../_cli.ts'
import { compiledText } from '../../_compiled.ts'
import { notRun } from '../../_not_run.ts'
import { RUNTIME } from '../../_runtime.ts'

const prompts = suite('script/deno/prompts')

const CALLS = [
  ["prompt('Name?')", 'Ann Lee\n', '"Ann Lee"', 'Name? '],
  ["prompt('Name?', 'Bob')", '\n', '"Bob"', 'Name? [Bob] '],
  ['prompt()', 'x\r\n', '"x"', 'Prompt '],
  ["confirm('Start?')", 'y\n', 'true', 'Start? [y/N] '],
  ["confirm('Start?')", 'Y\n', 'true', 'Start? [y/N] '],
  ["confirm('Start?')", '\n', 'false', 'Start? [y/N] '],
  ["confirm('Start?')", 'yes\n', 'false', 'Start? [y/N] '],
  ["alert('Done')", '\n', 'undefined', 'Done [Enter] '],
  // The input ends.
  ["prompt('Name?')", '', 'null', 'Name? '],
] as const

prompts('prompt(), confirm() and alert() ask on standard error, and give what is typed', async () => {
  if (RUNTIME !== 'node') return notRun('the other runtimes have prompt, confirm and alert')
  const calls = CALLS.map(([call]) => call)
  const typed = CALLS.map(([, typed]) => typed)
  const { stdout, questions } = await runProgram(true, calls, typed)
  assert.equal(stdout, CALLS.map(([, , result]) => `${result}\n`).join(''))
  assert.equal(
    questions,
    CALLS.map(([, , , question]) => question),
  )
})

prompts('nobody is asked without a terminal', async () => {
  if (RUNTIME !== 'node') return notRun('the other runtimes have prompt, confirm and alert')
  const result = await runProgram(false, ["[prompt('a', 'b'), confirm('c'), alert('d') ?? 'told']"], [])
  assert.equal(result, { stdout: '[null,false,"told"]\n', questions: [] })
})

prompts('a script that `run` starts has them, and no other has', async () => {
  const { run, cleanup } = project({
    'tasks.ts':
      "import { defineTasks, main } from '#wfg/tasks'\nexport const tasks = defineTasks(import.meta.url, {})\nawait main(import.meta, tasks)",
    'scripts/asks.ts': "import '#wfg'\nconsole.log(prompt('Name?'), confirm('Start?'))",
    'scripts/plain.ts': "import '#wfg'\nconsole.log('prompt' in globalThis)",
  })
  try {
    const asks = await run(['run', 'scripts/asks.ts', '--profile', 'sandbox'])
    assert.equal([asks.stdout, asks.status], ['null false\n', 0], asks.stderr)
    const plain = await run(['run', 'scripts/plain.ts', '--profile', 'sandbox'])
    assert.is(plain.stdout, `${RUNTIME !== 'node'}\n`)
  } finally {
    cleanup()
  }
})

// --- helpers ---

const PROGRAM = `import process from 'node:process'
import { systemHost } from './runtime/host/host.ts'
import { providePrompts } from './runtime/script/deno/prompts.ts'
const [isTTY, ...calls] = process.argv.slice(2)
const { execPath, exit, stderr, defineGlobal } = systemHost()
providePrompts({ execPath, exit, stderr, defineGlobal, stdin: { isTTY: isTTY === 'true' } as never })
for (const call of calls) console.log(JSON.stringify(new Function('return ' + call)()))
`

/** Runs the calls one after another. After each question the next text is typed; the input ends with an empty one. */
async function runProgram(isTTY: boolean, calls: readonly string[], typed: readonly string[]) {
  const dir = folderWithPackages()
  try {
    const path = join(dir, 'program.mjs')
    writeFileSync(path, compiledText(PROGRAM, REPOSITORY))
    const child = spawn(process.execPath, [path, String(isTTY), ...calls])
    const questions: string[] = []
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (question: string) => {
      const text = typed[questions.push(question) - 1]
      if (text) child.stdin.write(text)
      else child.stdin.end()
    })
    await once(child, 'close')
    return { stdout, questions }
  } finally {
    removeFolder(dir)
  }
}

prompts.run()
