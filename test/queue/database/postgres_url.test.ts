import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../../runtime/core/errors.ts'
import { createRedactor } from '../../../runtime/core/redact.ts'
import { checkedDatabaseUrl, databaseName } from '../../../runtime/queue/database/postgres_url.ts'
import { hides, rejects } from '../../_assert.ts'

const databaseUrl = suite('postgres_url')

for (const url of [
  'postgres://user:word@db.example.com:5432/wfg',
  'postgresql://user@db.example.com/wfg?sslmode=disable&application_name=x',
  'postgres://user:p%40ss%2Fword@[::1]:5432/wfg',
  'postgres://user:word@%2Fvar%2Frun%2Fpostgresql/wfg',
  'postgresql:///wfg?host=/var/run/postgresql',
  'postgres://user:word@/wfg?host=/tmp',
  'postgres://user:word@host/wfg?sslmode=require&uselibpqcompat=true',
]) {
  databaseUrl(`taken as it is: ${url}`, () => {
    assert.is(checkedDatabaseUrl(url, createRedactor()), url)
  })
}

for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
  databaseUrl(`sslmode=${mode} checks the certificate, without a warning of the driver`, () => {
    const url = `postgres://user@host/wfg?sslmode=${mode}&sslrootcert=ca.pem`
    assert.is(
      checkedDatabaseUrl(url, createRedactor()),
      'postgres://user@host/wfg?sslmode=verify-full&sslrootcert=ca.pem',
    )
  })
}

for (const [url, told] of [
  ['mysql://user:private-word@host/wfg', 'does not start with postgres://'],
  ['host=localhost password=private-word', 'does not start with postgres://'],
  ['', 'does not start with postgres://'],
  ['postgres://user:private-word/x@host/wfg', 'cannot be read'],
  ['postgres://user:12/private-word@host/wfg', 'cannot be read'],
  ['postgres://user:12#private-word@host/wfg', 'cannot be read'],
  ['postgres://user:12?private-word@host/wfg', 'cannot be read'],
  ['postgres://user:private word@host/wfg', 'cannot be read'],
  ['postgres://user:private-word@host:port/wfg', 'cannot be read'],
  ['postgres://user:private-word@host/wfg?sslmode=maybe', 'sslmode is not one of'],
] as const) {
  databaseUrl(`refused without quoting it: ${url}`, async () => {
    const error = await rejects(() => checkedDatabaseUrl(url, createRedactor()), { instance: ConfigError })
    assert.match(error.message, told)
    hides(`${error.message} ${JSON.stringify(error)}`, 'private')
  })
}

databaseUrl('the password is hidden from then on, as written and decoded, also of a URL that is refused', () => {
  for (const url of [
    'postgres://user:p%40ss-word@host/wfg',
    'mysql://user:p%40ss-word@host',
    'postgres:///x?password=p%40ss-word',
  ]) {
    const redactor = createRedactor()
    try {
      checkedDatabaseUrl(url, redactor)
    } catch {
      // it is hidden all the same
    }
    hides(redactor.text('it is p%40ss-word or p@ss-word'), 'p%40ss-word', 'p@ss-word')
  }
})

databaseUrl('errors name the database without user and password', () => {
  assert.is(databaseName({ host: 'db', port: 5432, database: 'wfg' }), 'the database "wfg" on db:5432')
  assert.is(databaseName({ host: '/run/pg', port: 5432, database: 'wfg' }), 'the database "wfg" on "/run/pg"')
})

databaseUrl.run()
