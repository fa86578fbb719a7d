import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { MissingPackages, missingPackages, packagesOf, withPackages } from '../../runtime/host/optional_packages.ts'
import { packageCommand } from '../../runtime/host/package_command.ts'
import { rejects } from '../_assert.ts'

const optional = suite('host/optional_packages')

optional('withPackages() returns what was loaded', async () => {
  assert.is(await withPackages('sandbox', 'node', async () => 'loaded'), 'loaded')
})

const notFound = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /team/x.mjs`), { code: 'ERR_MODULE_NOT_FOUND' })

for (const [feature, use, manager, kind, command] of [
  ['postgresql', 'always', 'deno', 'folder', 'deno add npm:pg-boss@10 npm:pg@8'],
  ['postgresql', 'always', 'node', 'folder', 'npm install pg-boss@10 pg@8'],
  ['pglite', 'always', 'bun', 'folder', 'bun add pg-boss@10 "@electric-sql/pglite@0.5"'],
  ['csv', 'always', 'node', 'global', 'npm install --global csv-parse@7'],
  [
    'sandbox',
    'development',
    'node',
    'folder',
    'npm install --save-dev oidc-provider@9 graphql-yoga@5 "@graphql-yoga/render-graphiql@5" jose@6',
  ],
  ['sandbox', 'development', 'node', 'clone', 'npm install --include=dev'],
  ['sandbox', 'development', 'deno', 'clone', 'deno install'],
] as const) {
  optional(`the command that adds the packages of ${feature} to a ${kind} by ${manager}`, () => {
    assert.is(packageCommand(packagesOf(feature), use, { kind, manager }), command)
  })
}

optional('a missing package gives the command, whatever loads it', async () => {
  const { line, directory } = await rejects(
    withPackages('pglite', 'node', async () => {
      throw notFound('pg-boss')
    }),
    {
      instance: MissingPackages,
      message: /^Cannot open the queue: the package "pg-boss" is not installed\. Add what it/,
    },
  ).then((error) => (error as MissingPackages).command)
  assert.equal(
    [line, directory],
    ['npm install --include=dev', fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')],
  )
  const inScript = missingPackages(notFound('csv-parse'), 'node')
  assert.match(inScript!.message, /^Cannot read CSV files: the package "csv-parse" is not installed\./)
  assert.is(missingPackages(notFound('left-pad'), 'node'), undefined)
})

optional('a missing package of another name stays the error of the runtime', async () => {
  const file = `data:text/javascript,import 'no-jose'`
  const error = await rejects(withPackages('sandbox', 'node', () => import(file)))
  assert.not.instance(error, ConfigError)
})

optional('another failure stays as it is', async () => {
  const failure = new Error('Cannot start')
  const thrown = await rejects(
    withPackages('sandbox', 'node', async () => {
      throw failure
    }),
  )
  assert.is(thrown, failure)
})

optional('every package of a feature is an optional peer, and a development dependency of the same version', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  for (const [name, range] of Object.entries(manifest.peerDependencies)) {
    assert.is(manifest.devDependencies[name], range, name)
    assert.equal(manifest.peerDependenciesMeta[name], { optional: true }, name)
    assert.not(name in manifest.dependencies, name)
  }
})

optional.run()
