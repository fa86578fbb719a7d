import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../../runtime/core/errors.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { loadPulledSchema, pulledProfiles, pulledSchemaFile } from '../../../runtime/graphql/schema/schema_files.ts'
import { rejects } from '../../_assert.ts'
import { temporaryFolder } from '../../_cli.ts'

const pulled = suite('graphql/schema/schema_files')

async function withFolder(files: Readonly<Record<string, string>>, check: (folder: string) => Promise<void>) {
  const folder = temporaryFolder()
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, 'scripts', '.schema', name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    await check(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

pulled('pulledProfiles() returns the pulled profiles, or none', () =>
  withFolder(
    { 'test.graphql': '', 'default.graphql': '', '.test.graphql.partial': '', '.x.graphql': '', '_gql.d.ts': '' },
    async (folder) => {
      assert.equal(pulledProfiles(folder), ['default', 'test'])
      assert.equal(pulledProfiles(join(folder, 'scripts')), [])
    },
  ),
)

pulled('loadPulledSchema() loads a schema by the name of its profile, which is not a path', () =>
  withFolder({ 'test.graphql': 'type Query { a: Int }', 'deep/x.graphql': 'type Query { a: Int }' }, async (folder) => {
    assert.is((await loadPulledSchema(folder, 'test'))?.name, 'the schema of the profile "test"')
    for (const profile of ['other', '', 'deep/x', '../.schema/test']) {
      assert.is(await loadPulledSchema(folder, profile), undefined)
    }
  }),
)

pulled('loadPulledSchema() reports a file that is not a schema definition, and how to pull it again', () =>
  withFolder(
    { 'a.graphql': 'type Query {', 'b.graphql': 'type Query { a: Nobody }', 'c.graphql': 'type Other { a: Int }' },
    async (folder) => {
      for (const [profile, found] of [
        ['a', 'Syntax Error: Expected Name, found <EOF>'],
        ['b', 'Unknown type "Nobody"'],
        ['c', 'Query root type must be provided'],
      ] as const) {
        await rejects(loadPulledSchema(folder, profile), {
          instance: ConfigError,
          message:
            `Cannot use the schema of the profile "${profile}": ${quotedPath(pulledSchemaFile(folder, profile))} is not a schema definition ` +
            `(${found}); expected what \`schema pull\` writes. Pull it again, with \`schema pull --profile ${profile}\`.`,
        })
      }
    },
  ),
)

pulled.run()
