import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { findDatabaseUrl } from '../../runtime/settings/find_database_url.ts'
import { hides, rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { fakeHost } from '../_host.ts'

const databaseUrl = suite('database_url')

const URL_ = (name: string) => `postgres://wfg:s3cret-${name}@db.example.com/${name}`

interface Given {
  files?: Record<string, string>
  secrets?: Record<string, string>
  profile?: string
}

function find({ files = {}, secrets = {}, profile }: Given): { found: string | undefined; masked: string } {
  const dir = temporaryFolder()
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text)
    const host = fakeHost({ env: {}, secrets, cwd: () => dir })
    const found = findDatabaseUrl(host, dir, profile)
    return { found, masked: host.redactor.text('s3cret-a s3cret-b s3cret-c') }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const FILES = { '.env': `WFG_DATABASE_URL=${URL_('a')}\n`, '.env.test': `WFG_DATABASE_URL=${URL_('b')}\n` }
const SECRETS = { WFG_DATABASE_URL: URL_('c') }

for (const [title, given, expected] of [
  ['there is none', {}, undefined],
  ['it is left empty', { files: { '.env': 'WFG_DATABASE_URL=\n' } }, undefined],
  ['it is in .env', { files: FILES }, URL_('a')],
  ['the profile has its own', { files: FILES, profile: 'test' }, URL_('b')],
  ['the environment wins', { files: FILES, secrets: SECRETS, profile: 'test' }, URL_('c')],
  ['the sandbox has the queue of the others', { files: FILES, profile: 'sandbox' }, URL_('a')],
] as const) {
  databaseUrl(`findDatabaseUrl(): ${title}`, () => {
    const { found, masked } = find(given)
    assert.is(found, expected)
    if (expected) assert.match(masked, '[redacted]')
  })
}

databaseUrl(
  'findDatabaseUrl() refuses what is no URL of PostgreSQL, or was cut short, and does not quote it',
  async () => {
    const refused: [text: string, problem: string][] = [
      ['mysql://wfg:s3cret-a@db/wfg', 'must be the URL of a PostgreSQL database, such as'],
      ['s3cret-a', 'must be the URL of a PostgreSQL database, such as'],
      ['postgres://wfg:s3cret-a#x@db/wfg', 'is cut short in .env: an unquoted # begins a comment'],
    ]
    for (const [text, problem] of refused) {
      const error = await rejects(() => find({ files: { '.env': `WFG_DATABASE_URL=${text}\n` } }), {
        instance: ConfigError,
        code: 'WFG_CONFIG',
      })
      assert.match(error.message, problem)
      hides(inspect(error), 's3cret-a')
    }
  },
)

databaseUrl.run()
