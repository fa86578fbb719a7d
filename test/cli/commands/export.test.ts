/** What is exported is taken by the tool that reads it, and starts the task with the arguments that its schedule has. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { notRun } from '../../_not_run.ts'
import { crontabCheck, readsYaml, verifiesUnits } from '../../_programs.ts'
import { RUNTIME } from '../../_runtime.ts'
import { type KeptProject, tasksOf, withKept } from '../../tasks/history/_history.ts'
import { here } from '../_here.ts'

const exported = suite('cli/export')

const NASTY = [`it's 100% "sure" $HOME \`x\` \\ $(y) %n`, 'a b', '--flag', '', 'ü€', '*']
const ENTRIES = `
    nasty: {
      script: './scripts/nasty.ts',
      access: 'read',
      description: "Exports 100% of it",
      schedule: {
        cron: '15 2 * * mon-fri',
        args: { since: '2026-11-01', open: false, names: ${JSON.stringify(NASTY)}, limit: 5, file: '-x' },
        missed: 'once',
      },
      timeoutSeconds: 3600,
      retry: { limit: 2, delaySeconds: 10 },
    },
    'finance:both': { needs: ['plain'], schedule: { cron: '*/20 8-18 1,15 * 5-7' }, concurrencyKey: 'finance' },
    plain: { script: './scripts/plain.ts', access: 'read', schedule: { cron: '0 3 * * *', tz: 'Asia/Tokyo' } },
    never: { script: './scripts/plain.ts', access: 'read' }`
const NASTY_SCRIPT = `import { defineScript } from '#wfg'
import * as v from 'valibot'
export default defineScript({
  positionals: ['file'],
  args: v.object({
    file: v.string(),
    since: v.date(),
    open: v.optional(v.boolean(), true),
    names: v.array(v.string()),
    limit: v.pipe(v.number(), v.maxValue(9)),
    key: v.optional(v.pipe(v.string(), v.metadata({ secret: true }))),
  }),
  run: ({ args }) => JSON.stringify(args),
})`
const FILES = {
  'tasks.ts': tasksOf(ENTRIES),
  'scripts/nasty.ts': NASTY_SCRIPT,
  'scripts/plain.ts': "console.log('plain')",
}
const GIVEN = { file: '-x', since: '2026-11-01T00:00:00.000Z', open: false, names: NASTY, limit: 5 }

/** The command, in the test's process. */
const exporting = ({ dir, env }: Pick<KeptProject, 'dir' | 'env'>, args: readonly string[], entries = ENTRIES) =>
  here(dir, ['export', ...args], { entries, env })

/** What the script printed that a shell started. */
function started(command: string, dir: string, home: string): unknown {
  const programs = join(home, 'programs')
  mkdirSync(programs, { recursive: true })
  // That of npm is called bun.exe.
  if (RUNTIME === 'bun' && !hasProgram('bun', programs)) symlinkSync(process.execPath, join(programs, 'bun'))
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}:${programs}`
  const env = {
    PATH,
    HOME: home,
    DENO_DIR: process.env['DENO_DIR'] ?? join(process.env['HOME'] ?? '', '.cache', 'deno'),
  }
  // By way of a file: Deno rewrites a command that it finds itself in.
  const file = join(home, 'command.sh')
  writeFileSync(file, command)
  const { stdout, stderr } = spawnSync('/bin/sh', [file], { cwd: dir, env, encoding: 'utf8' })
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`${command}\n${stdout}${stderr}`)
  }
}

/** Undefined if nothing here reads YAML. */
function readYaml(text: string): unknown[] | undefined {
  if (!readsYaml()) return undefined
  const program = 'import sys, json, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)'
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' })
  assert.is(status, 0, stderr)
  return JSON.parse(stdout)
}

function hasProgram(name: string, path = process.env['PATH'] ?? ''): boolean {
  return path.split(':').some((folder) => existsSync(join(folder, name)))
}

exported(
  'export cron writes lines that /bin/sh runs with the very arguments',
  withKept(
    { ...FILES, 'scripts/nasty.ts': `console.log('not for standard output')\n${NASTY_SCRIPT}` },
    async ({ run, env }) => {
      if (process.platform === 'win32') return notRun('cron is for systems with /bin/sh')
      const { status, stdout, stderr } = await run(['export', 'cron', '--profile', 'sandbox'])
      assert.equal([status, stderr], [0, 'not for standard output\n'])
      assert.not.match(stdout, 'never')
      const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      assert.equal(
        lines.map((line) => line.split(/ cd |=/)[0]),
        ['SHELL', 'CRON_TZ', '15 2 * * 1-5', '*/20 8-18 1,15 * 0,5,6', 'CRON_TZ', '0 3 * * *'],
      )
      assert.match(
        stdout,
        "# Exports 100% of it\n# The engine does not support these settings of the entry: missed: 'once', retry.",
      )
      const command = lines[2]!.replace(/^(\S+ ){5}/, '')
      assert.match(command, ' nasty --profile sandbox --timeout 3600 ')
      assert.not.match(command, /[^\\]%/)
      assert.equal(started(command.replaceAll('\\%', '%'), '/', env['HOME']!), GIVEN)
    },
  ),
)

exported(
  'export names the profile that is in use, so that a job whose settings are lost does not run on the sandbox',
  withKept(FILES, async (kept) => {
    const { dir } = kept
    const profiles = async (format: string) => [
      ...new Set([...(await exporting(kept, [format])).stdout.matchAll(/--profile (\S+)/g)].map(([, name]) => name)),
    ]
    assert.equal([await profiles('cron'), await profiles('systemd')], [[], []])
    writeFileSync(join(dir, '.env'), 'WFG_GRAPHQL_URL=https://workflow.example.com/wfgen/graphql\n')
    assert.equal([await profiles('cron'), await profiles('systemd')], [['default'], ['default']])
    writeFileSync(join(dir, '.env.prod'), '')
    writeFileSync(join(dir, '.env'), 'WFG_PROFILE=prod\n')
    assert.equal([await profiles('cron'), await profiles('github'), await profiles('kubernetes')], [['prod'], [], []])
    writeFileSync(join(dir, '.env'), 'WFG_PROFILE=gone\n')
    assert.equal([(await exporting(kept, ['cron'])).status, (await exporting(kept, ['github'])).status], [2, 0])
  }),
)

exported(
  'cron takes the table that export writes',
  withKept(FILES, async (kept) => {
    const check = crontabCheck()
    if (!check) return notRun('to have cron read its table needs a crontab with -T or -n')
    const table = join(kept.dir, 'table')
    writeFileSync(table, (await exporting(kept, ['cron'])).stdout)
    const { status, stderr } = spawnSync('crontab', [check, table], { encoding: 'utf8' })
    assert.is(status, 0, stderr)
  }),
)

exported(
  'export systemd writes units that systemd verifies',
  withKept(FILES, async (kept) => {
    const { dir } = kept
    const printed = await exporting(kept, ['systemd'])
    const { status, stdout, stderr } = await exporting(kept, ['systemd', '--folder', 'units'])
    assert.is(status, 0, stderr)
    const files = readdirSync(join(dir, 'units')).sort()
    assert.equal(
      stdout
        .trim()
        .split('\n')
        .map((path) => basename(path))
        .sort(),
      files,
    )
    assert.equal(
      files,
      ['finance-both', 'nasty', 'plain'].flatMap((name) => [`wfg-${name}.service`, `wfg-${name}.timer`]),
    )
    for (const name of files) {
      assert.ok(printed.stdout.includes(`# --- ${name} ---\n${readFileSync(join(dir, 'units', name), 'utf8')}`))
    }
    const timer = readFileSync(join(dir, 'units', 'wfg-nasty.timer'), 'utf8')
    assert.match(timer, 'OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 02:15:00 UTC\nPersistent=true')
    const service = readFileSync(join(dir, 'units', 'wfg-nasty.service'), 'utf8')
    assert.match(service, 'TimeoutStartSec=3660')
    assert.ok(service.includes(`WorkingDirectory=${dir}\n`))
    assert.ok(service.includes('"--names=it\'s 100%% \\"sure\\" $$HOME `x` \\\\ $$(y) %%n"'), service)
    if (!verifiesUnits()) return notRun('to have the units verified needs systemd-analyze')
    const paths = files.map((name) => join(dir, 'units', name))
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], { encoding: 'utf8' })
    const told = verified.stderr.split('\n').filter((line) => line.includes('wfg-'))
    assert.equal([verified.status, told], [0, []], verified.stderr)
  }),
)

exported(
  'export github writes one workflow with times of UTC, whose steps run with the very arguments',
  withKept(FILES, async (kept) => {
    const { dir, env } = kept
    const { status, stdout, stderr } = await exporting(kept, ['github', '--profile', 'prod', '--confirm', 'prod'])
    assert.is(status, 0, stderr)
    const read = readYaml(stdout)
    if (!read) return notRun('to have the workflow read needs Python with PyYAML')
    const [workflow] = read as { jobs: Record<string, Record<string, unknown> & { steps: { run?: string }[] }> }[]
    // Python reads the key `on` as true.
    const { schedule, workflow_dispatch } = (workflow as unknown as Record<string, Record<string, unknown>>)['true']!
    assert.equal(schedule, [{ cron: '15 2 * * 1-5' }, { cron: '*/20 8-18 1,15 * 0,5,6' }, { cron: '0 18 * * *' }])
    assert.equal((workflow_dispatch as { inputs: { task: { options: string[] } } }).inputs.task.options, [
      'nasty',
      'finance:both',
      'plain',
    ])
    assert.equal(Object.keys(workflow!.jobs), ['task-nasty', 'task-finance-both', 'task-plain'])
    const job = workflow!.jobs['task-nasty']!
    assert.is(job['if'], "github.event.schedule == '15 2 * * 1-5' || inputs.task == 'nasty'")
    assert.equal(
      [job['timeout-minutes'], job['environment'], job['concurrency']],
      [65, 'prod', { group: 'wfg-nasty', 'cancel-in-progress': false }],
    )
    const step = job.steps.at(-1)!
    assert.match(step.run!, ' nasty --confirm default --timeout 3600 ')
    assert.equal(started(step.run!, dir, env['HOME']!), GIVEN)
    assert.equal(Object.keys((step as { env: object }).env).sort(), [
      'WFG_AUDIENCE',
      'WFG_CLIENT_ID',
      'WFG_CLIENT_SECRET',
      'WFG_GRAPHQL_URL',
      'WFG_ISSUER',
    ])
  }),
)

exported(
  'export windows writes a file for each task, or for the worker',
  withKept({ ...FILES, '.env.prod': '' }, async (kept) => {
    const { dir } = kept
    const profile = ['--profile', 'prod', '--folder', 'tasks']
    const { status, stdout, stderr } = await exporting(kept, ['windows', ...profile])
    assert.is(status, 0, stderr)
    const names = ['wfg-nasty.xml', 'wfg-finance-both.xml', 'wfg-plain.xml']
    assert.equal(
      stdout.trim().split('\n'),
      names.map((name) => join(dir, 'tasks', name)),
    )
    const worker = await exporting(kept, ['windows', '--worker', ...profile])
    const file = join(dir, 'tasks', 'wfg-worker.xml')
    assert.is(worker.stdout, `${file}\n`, worker.stderr)
    assert.match(readFileSync(file, 'utf8'), / worker --profile prod<\/Arguments>/)
    const refused = await exporting(kept, ['systemd', '--worker'])
    assert.equal([refused.status, refused.stdout], [2, ''])
    assert.match(refused.stderr, '--worker is only for windows')
  }),
)

exported(
  'export kubernetes writes a CronJob each, whose command is the very arguments',
  withKept(FILES, async (kept) => {
    const { dir, env } = kept
    const image = ['--image', 'r.example.com/x:1']
    const { status, stdout, stderr } = await exporting(kept, ['kubernetes', ...image, '--profile', 'prod'])
    assert.is(status, 0, stderr)
    const read = readYaml(stdout)
    if (!read) return notRun('to have the manifest read needs Python with PyYAML')
    // biome-ignore lint/suspicious/noExplicitAny: it is what another program read
    const [nasty, both, plain] = read as any[]
    assert.equal(
      [nasty, both, plain].map(({ metadata }) => metadata.name),
      ['wfg-nasty', 'wfg-finance-both', 'wfg-plain'],
    )
    assert.equal(
      [nasty, both, plain].map(({ apiVersion, kind }) => [apiVersion, kind]),
      Array(3).fill(['batch/v1', 'CronJob']),
    )
    const { schedule, timeZone, concurrencyPolicy, startingDeadlineSeconds, jobTemplate } = nasty.spec
    assert.equal(
      [schedule, timeZone, concurrencyPolicy, startingDeadlineSeconds],
      ['15 2 * * 1-5', 'Etc/UTC', 'Forbid', undefined],
    )
    assert.equal([jobTemplate.spec.backoffLimit, jobTemplate.spec.activeDeadlineSeconds], [2, 3 * 3660])
    assert.equal(
      [plain.spec.timeZone, plain.spec.startingDeadlineSeconds, plain.spec.jobTemplate.spec.backoffLimit],
      ['Asia/Tokyo', 60, 0],
    )
    const [container] = jobTemplate.spec.template.spec.containers
    assert.equal([container.image, container.envFrom], ['r.example.com/x:1', [{ secretRef: { name: 'wfg-prod' } }]])
    const [program, ...words] = container.command.map((word: string) => word.replaceAll('$$(', '$('))
    assert.is(program, process.versions['deno'] ? 'deno' : process.versions['bun'] ? 'bun' : 'node')
    assert.not.ok(words.includes('--profile'))
    const environment = {
      ...env,
      PATH: process.env['PATH'],
      DENO_DIR: process.env['DENO_DIR'] ?? join(process.env['HOME'] ?? '', '.cache', 'deno'),
    }
    const told = execFileSync(process.execPath, words, {
      cwd: dir,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    assert.equal(JSON.parse(told), GIVEN)
  }),
)

const SCHEDULE = "schedule: { cron: '0 2 * * *', tz: 'Europe/Paris' }"
for (const [title, entry, engine, told] of [
  ['no schedule', "{ script: './scripts/plain.ts' }", 'cron', 'no task has one; give an entry of tasks.ts schedule'],
  [
    'arguments that are missing',
    `{ script: './scripts/nasty.ts', ${SCHEDULE} }`,
    'cron',
    '"x": Cannot use these arguments:',
  ],
  [
    'a secret argument',
    `{ script: './scripts/nasty.ts', schedule: { cron: '0 2 * * *', args: { key: 'not-for-a-file', file: 'x', since: '2026-11-01', names: ['a'], limit: 1 } } }`,
    'systemd',
    '"x": its schedule gives --key, which is a secret and would be written down',
  ],
  [
    'arguments for a plain file',
    `{ script: './scripts/plain.ts', schedule: { cron: '0 2 * * *', args: {} } }`,
    'systemd',
    'its script is a plain file, which takes none by name',
  ],
  [
    'a clock that is changed, for GitHub',
    `{ script: './scripts/plain.ts', ${SCHEDULE} }`,
    'github',
    'GitHub only knows UTC, and 02:00 in Europe/Paris is ',
  ],
  [
    'a day of the month that UTC moves, for GitHub',
    `{ script: './scripts/plain.ts', schedule: { cron: '0 2 1 * *', tz: 'Asia/Tokyo' } }`,
    'github',
    'its time in Asia/Tokyo is on another day',
  ],
  ['an engine that there is not', `{ script: './scripts/plain.ts', ${SCHEDULE} }`, 'systmd', 'did you mean "systemd"?'],
  [
    'an image for another engine',
    `{ script: './scripts/plain.ts', ${SCHEDULE} }`,
    ['cron', '--image', 'x'],
    '--image is only for kubernetes',
  ],
] as const) {
  exported(
    `export refuses ${title}`,
    withKept(FILES, async (kept) => {
      const { status, stdout, stderr } = await exporting(kept, [engine].flat(), `x: ${entry}`)
      assert.equal([status, stdout], [2, ''])
      assert.ok(stderr.includes(told), stderr)
      assert.not.match(stderr, 'not-for-a-file')
    }),
  )
}

exported(
  'a file for the result is taken over if it has the same name each time; a plain file has no result',
  withKept(FILES, async (kept) => {
    const nasty = (out: string) => ENTRIES.replace("missed: 'once'", `missed: 'once', out: ${JSON.stringify(out)}`)
    assert.match((await exporting(kept, ['cron'], nasty('rows.csv'))).stdout, / nasty .* --out rows\.csv /)
    const dated = (await exporting(kept, ['cron'], nasty('rows-{date}.csv'))).stdout
    assert.match(dated, "does not support these settings of the entry: missed: 'once', out, retry.")
    assert.not(dated.includes('--out'))
    const plain = await exporting(kept, ['cron'], ENTRIES.replace("tz: 'Asia/Tokyo'", "out: 'a.csv'"))
    assert.equal([plain.status, plain.stdout], [2, ''])
    assert.match(plain.stderr, '"plain": its schedule has "out", but its script is a plain file, which has no result')
  }),
)

exported.run()
