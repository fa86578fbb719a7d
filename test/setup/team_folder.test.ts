import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../runtime/core/errors.ts'
import { writeTeamFolder } from '../../runtime/setup/team_folder.ts'
import { rejects } from '../_assert.ts'
import { REPOSITORY } from '../_cli.ts'
import { fakeOutput } from '../_host.ts'
import { notRun } from '../_not_run.ts'
import { withFolder } from '../tasks/_folder.ts'

const team = suite('setup/team_folder')

const WRITTEN = [
  'package.json',
  '.gitignore',
  'tasks.ts',
  'scripts/hello.ts',
  'tsconfig.json',
  'bunfig.toml',
  '.env.example',
  'README.md',
]

async function begin(directory: string): Promise<string> {
  const { output, text } = fakeOutput()
  await writeTeamFolder({ cwd: () => directory, stdout: output })
  return text()
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
const ours = JSON.parse(read(REPOSITORY, 'package.json'))

team('writeTeamFolder() writes a whole repository into an empty folder, and says so', () =>
  withFolder({}, async (parent) => {
    const folder = join(parent, 'Team Scripts')
    mkdirSync(folder)
    const text = await begin(folder)
    assert.is(text.split('\n\n')[0], WRITTEN.map((path) => `  written    ${path}`).join('\n'))
    const manifest = JSON.parse(read(folder, 'package.json'))
    assert.equal([manifest.name, manifest.private, manifest.type], ['team-scripts', true, 'module'])
    assert.is(manifest.dependencies.valibot, ours.dependencies.valibot)
    assert.is(manifest.devDependencies.typescript, ours.devDependencies.typescript)
    assert.match(manifest.dependencies['wfg-scripts'], /^file:\.\.\//)
    assert.is(read(folder, '.env.example'), read(REPOSITORY, '.env.example'))
    assert.ok(read(folder, '.gitignore').includes('\n.env\n.env.*\n!.env.example\n'))
    JSON.parse(read(folder, 'tsconfig.json'))
  }),
)

team('writeTeamFolder() the second time leaves everything as it is', () =>
  withFolder({}, async (folder) => {
    await begin(folder)
    const before = WRITTEN.map((path) => read(folder, path))
    const text = await begin(folder)
    assert.is(text.split('\n\n')[0], WRITTEN.map((path) => `  kept       ${path}`).join('\n'))
    assert.equal(
      WRITTEN.map((path) => read(folder, path)),
      before,
    )
  }),
)

team('writeTeamFolder() keeps what people wrote, and completes package.json and .gitignore', () => {
  const files = {
    'package.json':
      '{\n\t"name": "a",\n\t"scripts": { "x": "y" },\n\t"dependencies": { "wfg-scripts": "file:w.tgz", "valibot": "1.0.0" }\n}',
    '.gitignore': '!.env.example\nnode_modules\n.env\nmine',
    'tasks.ts': 'mine',
    'README.md': '',
  }
  return withFolder(files, async (folder) => {
    const text = await begin(folder)
    assert.match(text, '  completed  package.json\n  completed  .gitignore\n  kept       tasks.ts\n')
    assert.equal([read(folder, 'tasks.ts'), read(folder, 'README.md')], ['mine', ''])
    assert.is(
      read(folder, '.gitignore'),
      `${files['.gitignore']}\n.wfg/\n*.partial\n*.journal.ndjson\n.env.*\n!.env.example\n`,
    )
    assert.match(read(folder, 'package.json'), /^{\n\t"name": "a",\n\t"scripts": {\n\t\t"x": "y"\n/)
    const { type, scripts, dependencies } = JSON.parse(read(folder, 'package.json'))
    assert.equal([type, scripts], ['module', { x: 'y' }])
    assert.equal(dependencies, { 'wfg-scripts': 'file:w.tgz', valibot: '1.0.0', tsx: ours.dependencies.tsx })
  })
})

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
      const message = `Cannot start a repository here: ${JSON.stringify(join(folder, 'package.json'))} ${reason}`
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
      message: `Cannot write ${JSON.stringify(join(folder, 'scripts', 'hello.ts'))}: the system says EEXIST; it must be a file that you may write.`,
    })
  })
})

team.run()
