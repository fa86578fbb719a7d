/** What completion offers, in real shells, and what those call back with. */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run as complete, completionScript } from '../../../runtime/cli/commands/completion.ts'
import { UsageError } from '../../../runtime/core/errors.ts'
import type { CommandCall } from '../../../runtime/tasks/run/command_call.ts'
import { rejects } from '../../_assert.ts'
import { type CliResult, project, REPOSITORY, runCli } from '../../_cli.ts'
import { fakeHost } from '../../_host.ts'
import { notRun } from '../../_not_run.ts'
import { here } from '../_here.ts'
import { afterTab, candidatesOf, candidatesOfEach, missingFor } from '../_shells.ts'

const completion = suite('cli/completion')

const SCRIPT = `/** What reports. */
import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  args: v.object({
    file: v.string(),
    state: v.optional(v.picklist(['open', 'closed', 'in progress'])),
    mine: v.optional(v.pipe(v.boolean(), v.description('only mine'))),
    since: v.optional(v.pipe(v.string(), v.isoDate())),
  }),
  positionals: ['file'],
  run: () => [],
})`
/** What a script may do when it is imported. */
const NOISE = "\nconsole.log('not part of the answer')\nsetInterval(() => {}, 1000)\n"

const ENTRIES = `
  'finance:report': { script: './scripts/report.ts', aliases: ['fr'], group: 'money' },
  plain: { script: './scripts/plain.ts', description: 'A plain file' },
  broken: { script: './scripts/broken.ts' },
  _hidden: { script: './scripts/plain.ts' },`

function office(noise = NOISE) {
  return project({
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}
})
await main(import.meta, tasks)`,
    'scripts/report.ts': SCRIPT + noise,
    'scripts/plain.ts': `import { writeFileSync } from 'node:fs'\nwriteFileSync('ran', '')\n`,
    'scripts/broken.ts': `import { defineScript } from '#wfg'\nthrow new Error('broken')\nexport default defineScript({ run() {} })`,
    'data.csv': '',
    '.env.test': '',
  })
}

/** Puts the launcher in the place of tsx, which takes half a second to start. */
function quicken(dir: string): void {
  const [own, packages] = [join(dir, 'node_modules'), join(REPOSITORY, 'node_modules')]
  rmSync(own)
  mkdirSync(join(own, '.bin'), { recursive: true })
  for (const name of ['.bin/deno', 'deno', 'tsx', 'valibot']) symlinkSync(join(packages, name), join(own, name))
  const launcher = JSON.stringify(join(dir, 'runtime', 'cli', 'wfg.mjs'))
  const program = `#!/usr/bin/env node\nprocess.argv.splice(1, 2, ${launcher})\nimport(${launcher})\n`
  writeFileSync(join(own, '.bin', 'tsx'), program, { mode: 0o755 })
}

completion('it prints the script of each shell, which says how it is installed', async () => {
  for (const [shell, file] of [
    ['bash', 'wfg.bash'],
    ['zsh', 'wfg.zsh'],
    ['fish', 'wfg.fish'],
    ['pwsh', 'wfg.ps1'],
  ] as const) {
    const host = fakeHost()
    await complete({ host, args: [shell] } as unknown as CommandCall)
    assert.is(host.out, completionScript(file))
    if (shell === 'bash') {
      const { status, stdout, stderr } = await runCli(['completion', shell])
      assert.equal([status, stdout, stderr], [0, host.out, ''])
    }
    assert.match(host.out.split('\n')[2]!, new RegExp(`^# {3}npx tsx tasks\\.ts completion ${shell} >`))
  }
})

completion('another shell, or none, is a mistake of usage', async () => {
  for (const [args, told] of [
    [[], /^Cannot print a completion: no shell was named; expected one of bash, zsh, fish, pwsh\.$/],
    [['pwhs'], /"pwhs" is not a shell that it knows; did you mean "pwsh"\?$/],
    [['bash', 'zsh'], /"bash zsh" is not a shell that it knows/],
  ] as const) {
    const host = fakeHost()
    const call = { host, args } as unknown as CommandCall
    await rejects(() => complete(call), { instance: UsageError, message: told })
    assert.is(host.out, '')
  }
  const { status, stdout, stderr } = await here(REPOSITORY, ['completion'])
  assert.equal([status, stdout], [2, ''])
  assert.match(stderr, /^error: Cannot print a completion: no shell was named; .*\.\n$/)
})

/** What is offered for the last of the words: those before a tab, `FILES` for an empty one. */
async function answer(run: (args: string[]) => Promise<CliResult>, ...words: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await run(['completion', ...words.map((word) => `--word=${word}`)])
  assert.equal([status, stderr.replace('not part of the answer\n', '')], [0, ''])
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => (line === '\tfiles' ? 'FILES' : line.split('\t')[0]!))
}

const FLAGS = ['--state', '--mine', '--no-mine', '--since', '--profile']

completion(
  'called back, it answers from the registry, the usages and the schemas, and imports no plain file',
  async () => {
    const { dir, cleanup } = office('')
    const run = (args: string[]) => here(dir, args, { entries: ENTRIES })
    try {
      const first = await answer(run, '')
      assert.equal(first.slice(0, 5), ['finance:report', 'fr', 'plain', 'broken', 'list'])
      assert.not.ok(first.includes('_hidden'))
      const flags = await answer(run, 'fr', '--')
      assert.equal(flags.slice(0, 5), FLAGS)
      assert.equal(await answer(run, '--profile', 'test', 'finance:report', 'x', '--state', ''), [
        'open',
        'closed',
        'in progress',
      ])
      assert.equal(await answer(run, 'run', 'scripts/report.ts', '--state='), [
        '--state=open',
        '--state=closed',
        '--state=in progress',
      ])
      assert.equal(await answer(run, 'fr', ''), ['FILES'])
      assert.equal(await answer(run, 'fr', '--since', ''), [])
      assert.equal(await answer(run, 'list', '--group', ''), ['money'])
      assert.equal(await answer(run, '--profile', ''), ['sandbox', 'test'])
      assert.equal(await answer(run, 'plain', ''), ['FILES'])
      assert.not.ok(existsSync(join(dir, 'ran')))
      assert.equal((await answer(run, 'run', '')).slice(-2), ['broken', 'FILES'])
    } finally {
      cleanup()
    }
  },
)

completion('a script that says something and leaves something open does not disturb the answer', async () => {
  const { run, cleanup } = office()
  try {
    assert.equal((await answer(run, 'fr', '--')).slice(0, 5), FLAGS)
  } finally {
    cleanup()
  }
})

completion('what cannot be loaded leaves the flags of the tool, and no noise', async () => {
  const { dir, cleanup } = office()
  const run = (args: string[]) => here(dir, args, { entries: ENTRIES })
  try {
    for (const name of ['broken', 'no-such-task']) assert.is((await answer(run, name, '-'))[0], '--profile', name)
  } finally {
    cleanup()
  }
})

/** A line, and some of what is offered for its last word; `!` before what is not. */
const LINES: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ['npx tsx tasks.ts ', ['finance:report', 'fr', 'plain', 'list', 'run', '!_hidden', '!data.csv']],
  ['node_modules/.bin/tsx tasks.ts fr --', ['--state', '--mine', '--no-mine', '--dry-run']],
  ['node --import tsx tasks.ts fr --state ', ['open', 'closed', 'in progress', '!data.csv']],
  ['node_modules/.bin/deno run -A tasks.ts --format=', ['--format=csv']],
  ['wfg --timeout ', ['!data.csv']],
  ['wfg --out da', ['data.csv']],
  ['wfg --out=da', ['--out=data.csv']],
  ['npx tsx da', ['data.csv']],
]

const WFG = {
  bash: 'wfg() { node runtime/cli/wfg.mjs "$@"; }',
  zsh: 'wfg() { node runtime/cli/wfg.mjs "$@" }',
  fish: 'function wfg; node runtime/cli/wfg.mjs $argv; end',
}

/** How a shell is told of a completion of npx; bash in two ways, the second when it is first asked for. */
const OTHERS = {
  bash: [
    '_other() { COMPREPLY=(other-word); }; complete -F _other npx',
    '_other() { COMPREPLY=(other-word); }; _load() { complete -F _other "$1"; return 124; }; complete -D -F _load',
  ],
  zsh: ['_other() { compadd other-word }; compdef _other npx'],
  fish: ['complete -c npx -f -a other-word'],
}

const NPX = { bash: 'npx() { : >ran; }', zsh: 'npx() { : >ran }', fish: 'function npx; echo >ran; end' }

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const script = completionScript(`wfg.${shell}`)

  completion(`${shell} completes tasks, flags, choices and files`, async () => {
    const missing = missingFor(shell)
    if (missing !== undefined) return notRun(missing)
    const { dir, cleanup } = office()
    try {
      quicken(dir)
      const typed = { cwd: dir, completion: script, before: WFG[shell] }
      const lines = LINES.map(([line]) => line)
      const all = await candidatesOfEach(shell, lines, typed)
      for (const [index, [line, expected]] of LINES.entries()) {
        const words = all[index]!.map((word) => word.split('\t')[0]!.replace(/^(csv|json)$/, '--format=$1'))
        for (const word of expected) {
          assert.is(words.includes(word.replace('!', '')), !word.startsWith('!'), `${line}: ${word} in ${words}`)
        }
      }
    } finally {
      cleanup()
    }
  })

  completion(`${shell} runs nothing that other users may have written, and says nothing`, async () => {
    const missing = missingFor(shell)
    if (missing !== undefined) return notRun(missing)
    const { dir, cleanup } = project({
      'tasks.ts': "import { writeFileSync } from 'node:fs'\nwriteFileSync('ran', '')\n",
    })
    const press = () => candidatesOf(shell, 'npx tsx tasks.ts ', { cwd: dir, completion: script })
    try {
      quicken(dir)
      for (const name of ['.', 'tasks.ts', 'package.json']) {
        const mode = name === '.' ? 0o700 : 0o600
        chmodSync(join(dir, name), mode | 0o022)
        await press()
        assert.not.ok(existsSync(join(dir, 'ran')), name)
        chmodSync(join(dir, name), mode)
      }
      await press()
      assert.ok(existsSync(join(dir, 'ran')), 'it runs what is this user’s')
    } finally {
      cleanup()
    }
  })

  completion(`${shell} keeps its other completion of npx, and never runs npx`, async () => {
    const missing = missingFor(shell)
    if (missing !== undefined) return notRun(missing)
    const { dir, cleanup } = office()
    try {
      for (const other of OTHERS[shell]) {
        const typed = { cwd: dir, completion: script, before: other }
        const found = await candidatesOfEach(shell, ['npx ', 'npx '], typed)
        for (const words of found) assert.ok(words.includes('other-word'), `${other}: ${words}`)
      }
      rmSync(join(dir, 'node_modules'))
      const found = await candidatesOf(shell, 'npx tsx tasks.ts ', { cwd: dir, completion: script, before: NPX[shell] })
      assert.equal(found.filter(Boolean), [])
      assert.not.ok(existsSync(join(dir, 'ran')))
    } finally {
      cleanup()
    }
  })
}

for (const shell of ['bash', 'zsh'] as const) {
  completion(
    `${shell} finishes a word at a press of Tab, also after ":" and "=", and says nothing where it cannot`,
    async () => {
      const missing = missingFor(shell)
      if (missing !== undefined) return notRun(missing)
      const { dir, cleanup } = office()
      try {
        quicken(dir)
        const cases = [
          ['npx tsx tasks.ts finance:r', 'npx tsx tasks.ts finance:report'],
          ['wfg fr --state=cl', 'wfg fr --state=closed'],
          ['wfg fr --state i', 'wfg fr --state in\\ progress'],
          ['wfg broken --mi', 'wfg broken --mi'],
          ['wfg list > da', 'wfg list > data.csv'],
        ] as const
        const lines = cases.map(([line]) => line)
        const typed = { cwd: dir, completion: completionScript(`wfg.${shell}`), before: WFG[shell] }
        const pressed = await afterTab(shell, lines, typed)
        assert.equal(
          pressed,
          cases.map(([, completed]) => completed),
        )
      } finally {
        cleanup()
      }
    },
  )
}

completion('PowerShell is given what it needs: words without "--", and nothing from npx', () => {
  notRun('the completion in PowerShell is read here and not run')
  const script = completionScript('wfg.ps1')
  assert.match(script, 'Register-ArgumentCompleter -Native -CommandName npx, tsx, wfg')
  assert.match(script, '"--word=$_"')
  assert.match(script, 'node_modules/.bin/$program')
})

completion.run()
