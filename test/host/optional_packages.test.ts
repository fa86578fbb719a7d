import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { withPackages } from '../../runtime/host/optional_packages.ts'
import { rejects } from '../_assert.ts'

const optional = suite('host/optional_packages')

optional('withPackages() returns what was loaded', async () => {
  assert.is(await withPackages('sandbox', 'node', async () => 'loaded'), 'loaded')
})

const notFound = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /team/x.mjs`), { code: 'ERR_MODULE_NOT_FOUND' })

for (const [feature, runtime, missing, command] of [
  ['postgresql', 'deno', 'pg', 'deno add npm:pg-boss@10 npm:pg@8'],
  ['postgresql', 'node', 'pg-boss', 'npm install pg-boss@10 pg@8'],
  ['pglite', 'bun', '@electric-sql/pglite', 'bun add pg-boss@10 "@electric-sql/pglite@0.5"'],
  [
    'sandbox',
    'node',
    'jose',
    'npm install --save-dev oidc-provider@9 graphql-yoga@5 "@graphql-yoga/render-graphiql@5" jose@6',
  ],
] as const) {
  optional(`a missing package of ${feature} gives the command for ${runtime}`, async () => {
    const error = await rejects(
      withPackages(feature, runtime, async () => {
        throw notFound(missing)
      }),
      { instance: ConfigError },
    )
    assert.match(error.message, `the package "${missing}" is not installed. Add what it needs with \`${command}\``)
  })
}

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
