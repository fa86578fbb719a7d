import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { forTeam, guideNames, readGuide } from '../../runtime/cli/guide.ts'
import { project } from '../_cli.ts'

const guide = suite('cli/guide')

guide('readGuide() fits text into the terminal, except code and the terms of a table', () => {
  assert.ok(guideNames().includes('connect'))
  for (const name of guideNames()) {
    const code = new Set(
      [...readGuide(name, undefined).matchAll(/^```[\s\S]*?^```/gm)].flatMap(([block]) => block.split('\n')),
    )
    for (const columns of [60, 100, 200]) {
      for (const line of readGuide(name, columns).split('\n')) {
        const isCode = code.has(line.trimEnd().slice(2)) || /`[^`]{40,}`|^ {2}\S/.test(line)
        assert.ok(isCode || line.length <= Math.min(columns, 100) || !line.trim().includes(' '), `${name}: ${line}`)
      }
    }
  }
})

guide('readGuide() underlines headings, lays out tables, and never breaks a command', () => {
  const text = readGuide('reference', 70)
  assert.match(text, /^Exit codes\n──────────\n/m)
  assert.match(text, /^ {2}`WFG_GRAPHQL_URL` {5}GraphQL endpoint of WorkflowGen$/m)
  assert.match(text, '`deno run -P --no-prompt runtime/cli/wfg.mjs <task>`')
  assert.not.match(text, /^\|/m)
})

guide('readGuide() shows a link to a guide as the command, and no emphasis', () => {
  const text = readGuide('connect', 90)
  assert.match(text, 'the reference (`help reference`)')
  assert.not.match(text.replaceAll(/`[^`]*`/g, ''), '*')
})

guide('help shows a guide, in a pipe as it is written, unless a task has its name', async () => {
  const tasks = (entries: string) =>
    `import { defineTasks, main } from '#wfg/tasks'\nexport const tasks = defineTasks(import.meta.url, { ${entries} })\nawait main(import.meta, tasks)`
  const script = '// Connects something.\nconsole.log(1)'
  const { run, cleanup } = project({
    'tasks.ts': tasks("connect: { script: './connect.ts' }"),
    'connect.ts': script,
  })
  try {
    assert.is((await run(['help', 'windows'])).stdout, readGuide('windows', undefined))
    assert.match((await run(['help', 'connect'])).stdout, /^Connects something\./)
    assert.match((await run(['help'])).stdout, /help connect/)
  } finally {
    cleanup()
  }
})

guide('forTeam() has the names and the paths of a folder with the package', () => {
  const text = "import { wfg } from '#wfg'\nimport { fakeWfg } from '#wfg/testing'\nnode runtime/cli/wfg.mjs worker"
  assert.is(
    forTeam(text, true),
    "import { wfg } from 'wfg-scripts'\nimport { fakeWfg } from 'wfg-scripts/testing'\nnode node_modules/wfg-scripts/runtime/cli/wfg.mjs worker",
  )
  assert.is(forTeam(text, false), text)
})

guide.run()
