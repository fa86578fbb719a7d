import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, REPOSITORY, runtimeArgs, temporaryFolder } from '../../_cli.ts'
import { notRun } from '../../_not_run.ts'
import { RUNTIME } from '../../_runtime.ts'

const prompts = suite('script/deno/prompts')

for (const [call, typed, result, question] of [
  ["prompt('Name?')", 'Ann Lee\n', '"Ann Lee"', 'Name? '],
  ["prompt('Name?', 'Bob')", '\n', '"Bob"', 'Name? [Bob] '],
  ["prompt('Name?')", '', 'null', 'Name? '],
  ['prompt()', 'x\r\n', '"x"', 'Prompt '],
  ["confirm('Start?')", 'y\n', 'true', 'Start? [y/N] '],
  ["confirm('Start?')", 'Y\n', 'true', 'Start? [y/N] '],
  ["confirm('Start?')", '\n', 'false', 'Start? [y/N] '],
  ["confirm('Start?')", 'yes\n', 'false', 'Start? [y/N] '],
  ["alert('Done')", '\n', undefined, 'Done [Enter] '],
] as const) {
  prompts(`${call} gives ${result ?? 'undefined'} for ${JSON.stringify(typed)}`, () => {
    if (RUNTIME !== 'node') return notRun('the other runtimes have prompt, confirm and alert')
    const { stdout, stderr } = runProgram(`console.log(JSON.stringify(${call}))`, typed, true)
    assert.equal([stdout, stderr], [`${result}\n`, question])
  })
}

prompts('nobody is asked without a terminal', () => {
  if (RUNTIME !== 'node') return notRun('the other runtimes have prompt, confirm and alert')
  const program = "console.log(JSON.stringify([prompt('a', 'b'), confirm('c'), alert('d') ?? 'told']))"
  assert.equal(runProgram(program, 'y\n', false), { stdout: '[null,false,"told"]\n', stderr: '' })
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

function runProgram(body: string, input: string, isTTY: boolean): { stdout: string; stderr: string } {
  const dir = temporaryFolder()
  try {
    const url = (...path: string[]) => pathToFileURL(join(REPOSITORY, 'runtime', ...path)).href
    const path = join(dir, 'program.mts')
    writeFileSync(
      path,
      `import { systemHost } from '${url('host', 'host.ts')}'
import { providePrompts } from '${url('script', 'deno', 'prompts.ts')}'
const { execPath, exit, stderr, defineGlobal } = systemHost()
providePrompts({ execPath, exit, stderr, defineGlobal, stdin: { isTTY: ${isTTY} } as never })
${body}`,
    )
    const { stdout, stderr } = spawnSync(process.execPath, [...runtimeArgs(), path], { input, encoding: 'utf8' })
    return { stdout, stderr }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

prompts.run()
