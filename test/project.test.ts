/** What a fresh clone relies on, besides the code. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPOSITORY } from './_cli.ts'
import { notRun } from './_not_run.ts'
import { programOf } from './_runtime.ts'

const project = suite('project')

const read = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8')

project('the lock of Deno names the packages of package.json, or `deno install` would change the clone', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const lock = JSON.parse(read('deno.lock')) as { workspace: { packageJson: { dependencies: string[] } } }
  const locked = lock.workspace.packageJson.dependencies.map((entry) => /^npm:(.+)@/.exec(entry)?.[1])
  assert.equal(locked.toSorted(), Object.keys({ ...dependencies, ...devDependencies }).toSorted())
})

project('the lock files name no address to download from', () => {
  for (const file of ['package-lock.json', 'deno.lock']) assert.not.match(read(file), /"(?:resolved|tarball)"/, file)
})

project('Deno finds no mistake of types in the tasks, the scripts, and what a test imports', () => {
  const deno = programOf('deno')
  if (!deno) return notRun('the check of types by Deno needs Deno')
  const scripts = readdirSync(join(REPOSITORY, 'scripts')).filter((name) => name.endsWith('.ts'))
  const files = ['tasks.ts', 'runtime/testing/mod.ts', ...scripts.map((name) => join('scripts', name))]
  const { status, stderr } = spawnSync(deno, ['check', ...files], { cwd: REPOSITORY, encoding: 'utf8' })
  assert.is(status, 0, stderr)
})

project('git ignores every file that may hold a secret, and not the example', () => {
  const ignored = read('.gitignore').split('\n')
  for (const line of ['.env', '.env.*', '!.env.example']) assert.ok(ignored.includes(line), line)
  assert.ok(existsSync(join(REPOSITORY, '.env.example')))
})

project('an editor finds the schema that the scripts are written for', () => {
  const { schema } = JSON.parse(read('.graphqlrc.json')) as { schema: string }
  assert.ok(buildSchema(read(schema)).getQueryType()?.getFields()['requests'])
  assert.ok((JSON.parse(read('.vscode/extensions.json')) as { recommendations: string[] }).recommendations.length > 0)
})

project('the map of the runtime names files and rooms that exist, and every room', () => {
  const map = read('runtime/README.md')
  const named = [...map.matchAll(/`([\w./-]+(?:\/|\.(?:ts|mjs)))`/g)].map(([, path]) => path!)
  assert.ok(named.length > 50, `${named.length} paths`)
  const isThere = (path: string) =>
    ['runtime', '.', ...ROOMS_OF_FILES].some((folder) => existsSync(join(REPOSITORY, folder, path)))
  assert.equal(
    named.filter((path) => path !== 'node_modules/.cache' && !isThere(path)),
    [],
  )
  const rooms = readdirSync(join(REPOSITORY, 'runtime'), { withFileTypes: true }).filter((each) => each.isDirectory())
  assert.equal(
    rooms.map(({ name }) => `${name}/`).filter((room) => !named.includes(room)),
    [],
  )
})

/** Where the map names a file by its name alone, because the line has named the room. */
const ROOMS_OF_FILES = [
  ...['runtime/graphql', 'runtime/graphql/client', 'runtime/graphql/exchange'],
  ...['runtime/script', 'runtime/tasks'],
]

project.run()
