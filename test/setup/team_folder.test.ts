import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { quotedPath } from '../../runtime/core/visible.ts'
import { type TeamFolderOptions, writeTeamFolder } from '../../runtime/setup/team_folder.ts'
import { rejects } from '../_assert.ts'
import { REPOSITORY } from '../_cli.ts'
import { fakeOutput } from '../_host.ts'
import { notRun } from '../_not_run.ts'
import { withFolder } from '../tasks/_folder.ts'

const team = suite('setup/team_folder')

async function begin(directory: string, options?: TeamFolderOptions): Promise<string> {
  const { output, text } = fakeOutput()
  await writeTeamFolder({ cwd: () => directory, stdout: output }, options)
  return text()
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
const ours = JSON.parse(read(REPOSITORY, 'package.json'))
const ORIGINALS = 'scripts/.originals.json'

/** Every file of the folder, with its content. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  return Object.fromEntries(paths.map((path) => [path.replaceAll('\\', '/'), read(folder, path)]))
}

team('writeTeamFolder() writes a whole repository into an empty folder, and says so', () =>
  withFolder({}, async (parent) => {
    const folder = join(parent, 'Team Scripts')
    mkdirSync(folder)
    const text = await begin(folder)
    const files = contents(folder)
    assert.equal(
      [...text.matchAll(/^ {2}written {4}(.+)$/gm)].map(([, path]) => path!).toSorted(),
      Object.keys(files)
        .filter((path) => path !== ORIGINALS)
        .toSorted(),
    )
    const manifest = JSON.parse(files['package.json']!)
    assert.equal([manifest.name, manifest.private, manifest.type], ['team-scripts', true, 'module'])
    assert.is(manifest.dependencies.valibot, ours.dependencies.valibot)
    for (const name of ['csv-parse', 'read-excel-file'])
      assert.is(manifest.dependencies[name], ours.peerDependencies[name])
    assert.not.ok('write-excel-file' in manifest.dependencies)
    assert.is(manifest.devDependencies.typescript, ours.devDependencies.typescript)
    assert.match(manifest.dependencies['wfg-scripts'], /^file:(\.\.|[A-Z]:)\//)
    assert.equal(Object.keys(manifest.scripts), ['test', 'check'])
    assert.ok(files['.gitignore']!.includes('\n.env\n.env.*\n!.env.example\n'))
    for (const path of ['.env.example', '.graphqlrc.json', 'scripts/.schema/sandbox.graphql']) {
      assert.is(files[path], read(REPOSITORY, path))
    }
    for (const path of readdirSync(join(REPOSITORY, 'scripts')).filter((name) => name.endsWith('.ts'))) {
      assert.is(files[`scripts/${path}`], read(REPOSITORY, 'scripts', path).replace("'#wfg'", "'wfg-scripts'"))
    }
    assert.is(files['tasks.ts'], read(REPOSITORY, 'tasks.ts').replace('#wfg', 'wfg-scripts'))
    for (const path of ['tsconfig.json', '.vscode/extensions.json', ORIGINALS]) JSON.parse(files[path]!)
    for (const path of ['README.md', 'test/_run.ts', '.github/workflows/check.yml']) assert.ok(files[path], path)
  }),
)

team('writeTeamFolder() the second time leaves everything as it is, also with the line ends of Windows', () =>
  withFolder({}, async (folder) => {
    await begin(folder)
    writeFileSync(
      join(folder, 'scripts/_import/csv.ts'),
      read(folder, 'scripts/_import/csv.ts').replaceAll('\n', '\r\n'),
    )
    const before = contents(folder)
    const text = await begin(folder)
    assert.is(text.split('\n\n')[0], `  kept       ${Object.keys(before).length - 1} files as before`)
    assert.equal(contents(folder), before)
  }),
)

team('writeTeamFolder() keeps what people wrote, and completes package.json and .gitignore', () => {
  const files = {
    'package.json':
      '{\n\t"name": "a",\n\t"scripts": { "x": "y", "test": "mine" },\n\t"dependencies": { "wfg-scripts": "file:w.tgz", "valibot": "1.0.0" }\n}',
    '.gitignore': '!.env.example\nnode_modules\n.env\nmine',
    'tasks.ts': 'mine',
    'README.md': '',
    'tsconfig.json': '{}',
    'tsconfig.json.new': 'mine too',
  }
  return withFolder(files, async (folder) => {
    const text = await begin(folder)
    assert.match(text, '  completed  package.json; test is yours, so run wfg:test\n  completed  .gitignore\n')
    for (const path of ['tasks.ts', 'README.md', 'tsconfig.json']) {
      assert.match(text, `  beside     ${path}: it is yours; compare it with ${path}.new\n`)
    }
    const { 'package.json': manifest = '', '.gitignore': ignored, ...rest } = contents(folder)
    for (const path of ['tasks.ts', 'README.md', 'tsconfig.json', 'tsconfig.json.new'] as const) {
      assert.is(rest[path], files[path])
    }
    assert.match(rest['tasks.ts.new']!, /^import .* from 'wfg-scripts\/tasks'\n/)
    assert.is(ignored, `${files['.gitignore']}\n.wfg/\n*.partial\n*.journal.ndjson\n.env.*\n!.env.example\n`)
    assert.match(manifest, /^{\n\t"name": "a",\n\t"scripts": {\n\t\t"x": "y"/)
    const { type, scripts, dependencies } = JSON.parse(manifest)
    const added = { 'wfg:test': 'node --import tsx test/_run.ts', check: 'tsc -p tsconfig.json.new' }
    assert.equal([type, scripts], ['module', { x: 'y', test: 'mine', ...added }])
    assert.equal([dependencies['wfg-scripts'], dependencies.valibot], ['file:w.tgz', '1.0.0'])
    assert.match(await begin(folder), /^ {2}kept {7}\d+ files as before\n\n/)
  })
})

team('writeTeamFolder() replaces what `npm init` writes in place of a type and a test', () =>
  withFolder(
    {
      'package.json':
        '{"main":"index.js","type":"commonjs","scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}',
    },
    async (folder) => {
      await begin(folder)
      const { type, scripts } = JSON.parse(read(folder, 'package.json'))
      assert.equal([type, scripts], ['module', { test: 'node --import tsx test/_run.ts', check: 'tsc' }])
    },
  ),
)

team('writeTeamFolder() leaves out the scripts that are not chosen, with what only they need, also later', () =>
  withFolder({}, async (folder) => {
    const offered: string[] = []
    const choose: TeamFolderOptions['choose'] = async (choices) => {
      offered.push(...choices.map(({ label, hint }) => `${label}: ${hint}`))
      return choices.map(({ value }) => value).filter((path) => /hello|update-data/.test(path))
    }
    await begin(folder, { choose })
    assert.ok(offered.includes('hello: Say who this script acts as.'))
    const scripts = () =>
      (readdirSync(join(folder, 'scripts'), { recursive: true }) as string[])
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => name.endsWith('.ts') && !name.startsWith('.'))
        .toSorted()
    const first = scripts()
    // The test needs pending-actions.
    assert.equal(
      first.filter((name) => !name.startsWith('_import/')),
      ['hello.ts', 'pending-actions.ts', 'update-data.ts'],
    )
    for (const name of ['csv', 'excel_problems']) assert.ok(first.includes(`_import/${name}.ts`), name)
    assert.not.ok(first.includes('_import/started.ts'), 'only start-requests needs it')
    const named = [...read(folder, 'tasks.ts').matchAll(/'\.\/scripts\/(.+)\.ts'/g)].map(([, name]) => name)
    assert.equal(named.toSorted(), ['hello', 'pending-actions', 'update-data'])
    assert.not.match(read(folder, 'tasks.ts'), /nightly/)
    assert.not('chart.js' in JSON.parse(read(folder, 'package.json')).dependencies)
    await begin(folder, { choose: () => assert.unreachable('it asks once') as never })
    assert.equal(scripts(), first)
  }),
)

team('writeTeamFolder() in a dry run writes nothing', () =>
  withFolder({}, async (folder) => {
    assert.match(
      await begin(folder, { dryRun: true }),
      / {2}written {4}tasks\.ts\n[\s\S]*\ndry run: nothing was written\.\n$/,
    )
    assert.equal(readdirSync(folder), [])
  }),
)

team('writeTeamFolder() after an update adds, updates what is unchanged, and shows what changed in the rest', () =>
  withFolder({}, async (folder) => {
    await begin(folder)
    const shipped = contents(folder)
    const { version, files, ...rest } = JSON.parse(shipped[ORIGINALS]!)
    const old = (path: string) => `${shipped[path]!.replace('const ', 'let ')}// old\n`
    for (const path of ['scripts/who-am-i.ts', 'scripts/_import/csv.ts', 'tasks.ts']) files[path] = old(path)
    delete files['scripts/update-data.ts']
    writeFileSync(join(folder, ORIGINALS), JSON.stringify({ ...rest, version: '0.0.9', files }))
    for (const path of ['scripts/update-data.ts', 'scripts/attach-file.ts']) rmSync(join(folder, path))
    writeFileSync(join(folder, 'scripts/who-am-i.ts'), old('scripts/who-am-i.ts'))
    for (const path of ['tasks.ts', 'scripts/_import/csv.ts', 'scripts/hello.ts'])
      writeFileSync(join(folder, path), '// mine\n')
    const text = await begin(folder)
    const [list, title] = text.split('\n\n')
    assert.is(
      list,
      `  changed    scripts/_import/csv.ts by you, and left; see below
  removed    scripts/attach-file.ts by you, and left out
  written    scripts/update-data.ts
  updated    scripts/who-am-i.ts
  changed    tasks.ts by you, and left; see below
  kept       ${Object.keys(shipped).length - 6} files as before`,
    )
    assert.match(title!, /in the files that you have changed/)
    assert.match(
      text,
      `--- scripts/_import/csv.ts (wfg-scripts 0.0.9)\n+++ scripts/_import/csv.ts (wfg-scripts ${version})\n@@ `,
    )
    assert.match(text, /^-.*\blet .*\n\+.*\bconst /m)
    assert.match(text, '\n\n--- tasks.ts (wfg-scripts 0.0.9)\n')
    assert.equal(contents(folder), {
      ...Object.fromEntries(Object.entries(shipped).filter(([path]) => path !== 'scripts/attach-file.ts')),
      ...{ 'tasks.ts': '// mine\n', 'scripts/_import/csv.ts': '// mine\n', 'scripts/hello.ts': '// mine\n' },
    })
  }),
)

team('writeTeamFolder() writes nothing where its record is damaged, as by a merge', () =>
  withFolder({ [ORIGINALS]: '<<<<<<< HEAD\n' }, async (folder) => {
    const message = `Cannot compare with the original files: ${quotedPath(join(folder, ORIGINALS))} is damaged; expected it as it was written, so restore it from git.`
    await rejects(() => begin(folder), { instance: UsageError, message })
    assert.not(existsSync(join(folder, 'tasks.ts')))
  }),
)

for (const [title, manifest, reason] of [
  [
    'commonjs',
    '{"type":"commonjs"}',
    'has "type": "commonjs", but scripts are modules; type `npm pkg set type=module`.',
  ],
  ['no JSON', '{"type":', 'is not a JSON object; fix it first.'],
  ['a list', '[]', 'is not a JSON object; fix it first.'],
  ['this package', '{"name":"wfg-scripts"}', 'is wfg-scripts itself; expected the folder of another repository.'],
] as const) {
  team(`writeTeamFolder() writes nothing where package.json is ${title}`, () =>
    withFolder({ 'package.json': manifest }, async (folder) => {
      const message = `Cannot start a repository here: ${quotedPath(join(folder, 'package.json'))} ${reason}`
      await rejects(() => begin(folder), { instance: UsageError, message })
      assert.is(read(folder, 'package.json'), manifest)
      assert.not(existsSync(join(folder, 'tasks.ts')))
    }),
  )
}

team('writeTeamFolder() says which file cannot be written', async () => {
  if (process.platform === 'win32') return notRun('the code of a file in the way differs on Windows')
  await withFolder({ scripts: 'a file' }, async (folder) => {
    await rejects(() => begin(folder), {
      instance: UsageError,
      message: `Cannot write ${quotedPath(join(folder, 'scripts', '.schema', '_gql.d.ts'))}: the system says ENOTDIR; it must be a file that you may write.`,
    })
  })
})

team.run()
