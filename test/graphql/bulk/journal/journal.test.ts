import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { OutcomeUnknownError, RefusedError, UsageError, WfgError } from '../../../../runtime/core/errors.ts'
import { createRedactor } from '../../../../runtime/core/redact.ts'
import { quotedPath } from '../../../../runtime/core/visible.ts'
import { openJournal } from '../../../../runtime/graphql/bulk/journal/journal.ts'
import { journalServer } from '../../../../runtime/graphql/bulk/journal/server.ts'
import type { BulkOptions } from '../../../../runtime/graphql/client/options.ts'
import type { BulkOutcome } from '../../../../runtime/graphql/client/wfg.ts'
import { networkHost } from '../../../../runtime/transport/open_transport.ts'
import { hides, rejects } from '../../../_assert.ts'
import { REPOSITORY, temporaryFolder } from '../../../_cli.ts'
import { compiled } from '../../../_compiled.ts'
import { notRun } from '../../../_not_run.ts'
import { HAS_SH } from '../../../_programs.ts'
import { type ScriptedReply, withServer } from '../../../_server.ts'
import { runtimes, startOnFullDisk, startProcess } from '../../../auth/_processes.ts'
import {
  type BulkClient,
  type BulkGiven,
  bulkClient,
  CREATE,
  entries,
  graphqlServer,
  listeningServer,
  outcomesOf,
  statuses,
  withJournal,
} from '../../_bulk.ts'

const journal = suite('journal')

type List = Parameters<typeof outcomesOf>[1]

interface Run extends BulkGiven {
  list?: List
  options?: never
  bulk?: BulkOptions
  document?: string
}

const SERVER = 'https://wfg.example.com/wfgen/graphql'

/** One run against a server that gives these answers; undefined entries are executed. */
async function run(
  path: string,
  replies: readonly (ScriptedReply | undefined)[],
  { list = entries(2), bulk = {}, document = CREATE, ...given }: Run = {},
): Promise<{ outcomes: BulkOutcome[]; executed: readonly number[]; incomplete: number }> {
  const server = graphqlServer()
  let outcomes: BulkOutcome[] = []
  let client: BulkClient | undefined
  await withServer(
    replies.map((reply) => reply ?? server.execute),
    async ({ url }) => {
      client = bulkClient(url, { address: SERVER, ...given })
      try {
        outcomes = await outcomesOf(client.wfg, list, { journal: path, ...bulk }, document)
      } finally {
        client.close()
      }
    },
  )
  return { outcomes, executed: server.executed, incomplete: client?.incomplete ?? 0 }
}

function linesOf(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

function eventsOf(path: string): string {
  return linesOf(path)
    .map(({ event }) => event)
    .join(' ')
}

const LOST: ScriptedReply = { fault: 'reset-after-request' }

// --- writing ---

journal('bulk() records every entry before it is sent and after it is answered, without its variables', async () => {
  await withJournal(async (path) => {
    const server = graphqlServer()
    let before = ''
    const look: ScriptedReply = (request) => {
      before = readFileSync(path, 'utf8')
      return (server.execute as (given: typeof request) => Promise<object>)(request)
    }
    await run(path, [look], { list: [{ n: 4711 }, { n: 4712 }] })
    assert.match(before, /"open".*\n.*"send".*\n.*"send".*\n$/)
    assert.is(eventsOf(path), 'open send send done done')
    const [open, sent, , done] = linesOf(path)
    assert.equal(Object.keys(open!), ['at', 'event', 'format', 'server'])
    assert.equal(Object.keys(sent!), ['at', 'event', 'key', 'index', 'digest'])
    assert.equal(Object.keys(done!), ['at', 'event', 'key', 'index', 'data'])
    assert.is(done?.['data'], '{"create":{"n":4711}}')
    assert.match(String(sent?.['at']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.is(sent?.['key'], done?.['key'])
    hides(before, '4711', '4712')
    if (process.platform !== 'win32') assert.is(statSync(path).mode & 0o777, 0o600)
    assert.not.ok(existsSync(`${path}.lock`))
  })
})

journal('bulk() writes no journal in a dry run, and none without the option', async () => {
  await withJournal(async (path) => {
    const { outcomes } = await run(path, [], { dryRun: true })
    assert.is(statuses(outcomes), 'skipped skipped')
    assert.not.ok(existsSync(path))
    assert.not.ok(existsSync(`${path}.lock`))
  })
})

journal('bulk() writes no journal when a guard refuses it', async () => {
  await withJournal(async (path) => {
    await rejects(run(path, [], { run: { access: 'read' } }), { instance: RefusedError })
    assert.not.ok(existsSync(path))
  })
})

// --- a second run ---

journal('bulk() skips entries that an earlier run did, in the order of the list', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined], { list: entries(3) })
    const { outcomes, executed, incomplete } = await run(path, [undefined], { list: entries(5) })
    assert.is(statuses(outcomes), 'skipped skipped skipped done done')
    assert.equal(executed, [4, 5])
    assert.is(incomplete, 0)
  })
})

journal('bulk() does not send unknown entries again, except with resendUnknown: true', async () => {
  await withJournal(async (path) => {
    assert.is(statuses((await run(path, [LOST])).outcomes), 'unknown unknown')
    assert.is(eventsOf(path), 'open send send unknown unknown')
    const second = await run(path, [])
    assert.is(statuses(second.outcomes), 'unknown unknown')
    assert.instance(second.outcomes[0]?.error, OutcomeUnknownError)
    assert.match(second.outcomes[0]!.error!.message, 'send it again with resendUnknown: true')
    assert.is(second.incomplete, 2)
    const third = await run(path, [undefined], { bulk: { resendUnknown: true } })
    assert.is(statuses(third.outcomes), 'done done')
    assert.is(statuses((await run(path, [])).outcomes), 'skipped skipped')
  })
})

journal('bulk() treats entries that were sent and never answered as unknown', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined])
    const kept = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !line.includes('"done","key"') || line.includes('"index":0'))
    writeFileSync(path, `${kept.join('\n')}\n`)
    assert.is(statuses((await run(path, [])).outcomes), 'skipped unknown')
  })
})

journal('bulk() sends failed and unsent entries again', async () => {
  await withJournal(async (path) => {
    const failed = { body: { data: { create: null }, errors: [{ message: 'no', path: ['create'] }] } }
    const busy = { status: 429, body: 'busy' }
    const bulk = { batchSize: 1, concurrency: 1, retries: 0, outageMs: 0 }
    assert.is(statuses((await run(path, [failed, busy], { bulk })).outcomes), 'failed unsent')
    assert.is(eventsOf(path), 'open send failed send unsent')
    assert.is(statuses((await run(path, [undefined, undefined], { bulk })).outcomes), 'done done')
  })
})

journal('bulk() does not send an entry again that failed after the mutation itself was executed', async () => {
  await withJournal(async (path) => {
    const document = 'mutation ($n: Int) { create(n: $n) { n broken } }'
    const first = await run(path, [undefined], { document })
    assert.is(statuses(first.outcomes), 'failed failed')
    assert.equal(first.executed, [1, 2])
    assert.is(eventsOf(path), 'open send send executed executed')
    // The entry is not free, with or without the line.
    const text = readFileSync(path, 'utf8')
    for (const [line, damaged] of [
      ['"executed"', '"executed'],
      ['"executed"', '"exec"'],
    ] as const) {
      writeFileSync(path, text.replace(line, damaged))
      await rejects(run(path, [], { document }), { instance: UsageError, message: /line 4 is not a journal line/ })
    }
    writeFileSync(path, text.slice(0, text.lastIndexOf('"executed"') + 5))
    assert.is(statuses((await run(path, [], { document })).outcomes), 'unknown unknown')
  })
})

journal('bulk() does not send an entry again if one of its fields was done and another failed', async () => {
  await withJournal(async (path) => {
    const document = 'mutation ($n: Int) { create(n: $n) { n } other(n: $n) { n } }'
    const body = { data: { create: { n: 1 }, other: null }, errors: [{ message: 'no', path: ['other'] }] }
    assert.is(statuses((await run(path, [{ body }], { document, list: entries(1) })).outcomes), 'failed')
    assert.is(statuses((await run(path, [], { document, list: entries(1) })).outcomes), 'unknown')
  })
})

journal('bulk() leaves entries without a token to the next run', async () => {
  await withJournal(async (path) => {
    const token = () => Promise.reject(new WfgError('no token'))
    await rejects(run(path, [], { token }), { message: 'no token' })
    assert.is(eventsOf(path), 'open send send unsent unsent')
    assert.is(statuses((await run(path, [undefined])).outcomes), 'done done')
  })
})

journal('bulk() records a split batch as unsent, and records its parts', async () => {
  await withJournal(async (path) => {
    const refused = { status: 400, body: { errors: [{ message: 'no' }] } }
    await run(path, [refused, undefined, refused])
    assert.is(eventsOf(path), 'open send send unsent unsent send done send failed')
  })
})

// --- keys ---

journal('bulk() recognises an entry by its content, at any index and with any order of its members', async () => {
  await withJournal(async (path) => {
    const document = 'mutation ($input: Input) { create(input: $input) { n } }'
    const entry = (input: object) => ({ input })
    await run(path, [undefined], { document, list: [entry({ n: 1, text: 'a' }), entry({ n: 2 })] })
    const list = [entry({ n: 2 }), entry({ text: 'a', n: 1 }), entry({ n: 1, text: 'b' })]
    assert.is(statuses((await run(path, [undefined], { document, list })).outcomes), 'skipped skipped done')
  })
})

journal('bulk() recognises an entry with its parameters in another order, files included', async () => {
  await withJournal(async (path) => {
    const document = 'mutation ($n: Int, $p: [P!]) { create(n: $n, parameters: $p) { n } }'
    const answer: ScriptedReply = { body: { data: { create: { n: 1 } } } }
    const file = (text: string) => ({ name: 'QUOTE', fileValue: { upload: new Blob([text], { type: 'text/plain' }) } })
    const [a, b] = [
      { name: 'A', textValue: 'x' },
      { textValue: 'y', name: 'B' },
    ]
    const list = (...p: object[]) => [{ n: 1, p }]
    await run(path, [answer], { document, list: list(a, b, file('one')) })
    for (const p of [
      [file('two'), { name: 'B', textValue: 'y' }, a],
      [b, file('one'), a],
    ])
      assert.is(statuses((await run(path, [], { document, list: list(...p) })).outcomes), 'skipped')
    for (const p of [
      [a, b],
      [a, b, file('three')],
      [a, { name: 'B', textValue: 'x' }, file('one')],
      [a, a, b, file('one')],
    ])
      assert.is(statuses((await run(path, [answer], { document, list: list(...p) })).outcomes), 'done')
  })
})

journal('bulk() treats other lists in another order as other entries', async () => {
  await withJournal(async (path) => {
    const document = 'mutation ($input: Input) { create(input: $input) { n } }'
    const list = (...tags: string[]) => [{ input: { n: 1, tags } }]
    await run(path, [undefined], { document, list: list('a', 'b') })
    assert.is(statuses((await run(path, [], { document, list: list('a', 'b') })).outcomes), 'skipped')
    assert.is(statuses((await run(path, [undefined], { document, list: list('b', 'a') })).outcomes), 'done')
  })
})

journal('bulk() treats two equal entries as two', async () => {
  await withJournal(async (path) => {
    const twice = [{ n: 1 }, { n: 1 }]
    assert.equal((await run(path, [undefined], { list: twice })).executed, [1, 1])
    const { outcomes, executed } = await run(path, [undefined], { list: [...twice, { n: 1 }] })
    assert.is(statuses(outcomes), 'skipped skipped done')
    assert.equal(executed, [1])
  })
})

journal('bulk() recognises entries when only the name or selection of the mutation changed', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined])
    const document = 'mutation Other($n: Int!) { made: create(n: $n) { n text } }'
    assert.is(statuses((await run(path, [], { document })).outcomes), 'skipped skipped')
    const other = 'mutation ($n: Int!) { other(n: $n) { n } }'
    assert.is(statuses((await run(path, [undefined], { document: other })).outcomes), 'done done')
    const argument = 'mutation ($n: Int!) { create(n: $n, text: "x") { n } }'
    assert.is(statuses((await run(path, [undefined], { document: argument })).outcomes), 'done done')
  })
})

journal('bulk() skips an entry whose key was done with other content, and says that it is changed', async () => {
  await withJournal(async (path) => {
    const bulk: BulkOptions = { key: (_variables, index) => `row ${index}` }
    await run(path, [undefined], { bulk })
    assert.is(linesOf(path)[1]?.['key'], 'row 0')
    const { outcomes, incomplete } = await run(path, [], { bulk, list: [{ n: 1 }, { n: 9 }] })
    assert.equal(
      outcomes.map(({ status, changed, data }) => [status, changed, data]),
      [
        ['skipped', undefined, { create: { n: 1 } }],
        ['skipped', true, { create: { n: 2 } }],
      ],
    )
    assert.is(incomplete, 0)
    assert.is(statuses((await run(path, [], { bulk })).outcomes), 'skipped skipped')
  })
})

journal(
  'bulk() refuses a list whose entries were sent under keys that it does not have, and sends nothing',
  async () => {
    const named: BulkOptions = { key: (variables) => `n ${variables['n']}` }
    const renamed: BulkOptions = { key: (variables) => `other ${variables['n']}` }
    for (const [first, second] of [
      [named, {}],
      [{}, named],
      [named, renamed],
    ] as const) {
      await withJournal(async (path) => {
        await run(path, [undefined], { bulk: first })
        const before = readFileSync(path, 'utf8')
        await rejects(run(path, [], { bulk: second, list: entries(3) }), {
          instance: RefusedError,
          message: /^Refused to send entry 0: the journal .* records that its content was sent under the key /,
        })
        assert.is(readFileSync(path, 'utf8'), before)
        assert.is(
          statuses((await run(path, [undefined], { bulk: first, list: entries(3) })).outcomes),
          'skipped skipped done',
        )
      })
    }
  },
)

journal('bulk() sends an entry with a new key whose content another entry of the list has', async () => {
  await withJournal(async (path) => {
    const bulk: BulkOptions = { key: (_variables, index) => `row ${index}` }
    await run(path, [undefined], { bulk, list: [{ n: 1 }] })
    assert.is(statuses((await run(path, [undefined], { bulk, list: [{ n: 1 }, { n: 1 }] })).outcomes), 'skipped done')
  })
})

journal('bulk() sends a failed entry again under the same key with corrected content', async () => {
  await withJournal(async (path) => {
    const bulk: BulkOptions = { key: (_variables, index) => `row ${index}` }
    const list = [{ n: 'one' }]
    assert.is(statuses((await run(path, [undefined], { bulk, list })).outcomes), 'failed')
    assert.is(statuses((await run(path, [undefined], { bulk, list: [{ n: 1 }] })).outcomes), 'done')
  })
})

journal('bulk() sends nothing of a list with two entries of one key, and throws if a key is not a string', async () => {
  await withJournal(async (path) => {
    const same = { instance: UsageError, message: /^Cannot send entry 1: its key "same" is that of entry 0 as well/ }
    await rejects(run(path, [], { bulk: { key: () => 'same' } }), same)
    assert.is(eventsOf(path), 'open')
    const { outcomes } = await run(path, [undefined], {
      list: entries(2)[Symbol.iterator](),
      bulk: { key: () => 'same' },
    })
    assert.is(statuses(outcomes), 'done failed', 'what is read only once is sent up to there')
    await rejects(run(path, [], { bulk: { key: (() => undefined) as never } }), {
      instance: UsageError,
      message: /the option key returned a value of type undefined/,
    })
  })
})

journal('bulk() distinguishes uploads by name, type and size', async () => {
  await withJournal(async (path) => {
    const answer: ScriptedReply = { body: { data: { create: { n: 1 } } } }
    const list = (text: string) => [{ n: 1, file: new Blob([text], { type: 'text/plain' }) }]
    await run(path, [answer], { list: list('one') })
    assert.is(statuses((await run(path, [], { list: list('two') })).outcomes), 'skipped')
    assert.is(statuses((await run(path, [answer], { list: list('three') })).outcomes), 'done')
  })
})

// --- data ---

journal('bulk() returns the server’s data for a skipped entry', async () => {
  await withJournal(async (path) => {
    const body = { data: { create: { n: 1, text: 'ü "\n' } } }
    const list = entries(1)
    await run(path, [{ body }], { list })
    const [outcome] = (await run(path, [], { list })).outcomes
    assert.equal([outcome?.status, outcome?.data], ['skipped', body.data])
    const schema = v.any()
    assert.not.ok('data' in (await run(path, [], { list, bulk: { schema } })).outcomes[0]!)
  })
})

journal('bulk() keeps the server’s data and not the schema’s output, up to 4 KiB, without secrets', async () => {
  await withJournal(async (path) => {
    const long = (length: number): ScriptedReply => ({ body: { data: { create: { n: 1, text: 'x'.repeat(length) } } } })
    const schema = v.pipe(
      v.object({ create: v.object({ n: v.number() }) }),
      v.transform(() => new Map()),
    )
    const list = entries(1)
    await run(path, [long(4000)], { list, bulk: { schema } })
    const [kept] = (await run(path, [], { list })).outcomes
    assert.is(kept?.data.create.text.length, 4000)
    const other = entries(1, 2)
    await run(path, [long(5000)], { list: other })
    const [tooLong] = (await run(path, [], { list: other })).outcomes
    assert.equal([tooLong?.status, tooLong?.data], ['skipped', undefined])
    const redactor = createRedactor()
    redactor.add('token-secret')
    const opened = await openJournal({ ...networkHost(), redactor }, path, SERVER)
    await opened.record([{ key: 'k', digest: 'k', index: 0, event: 'done', data: { text: 'it is token-secret' } }])
    await opened.close()
    hides(readFileSync(path, 'utf8'), 'token-secret')
  })
})

// --- other names ---

journal('bulk() refuses a journal with two names, and a broken link', async () => {
  if (process.platform === 'win32') return notRun('not everybody may make links on Windows')
  await withJournal(async (path, folder) => {
    await run(path, [undefined])
    const other = join(folder, 'other.ndjson')
    linkSync(path, other)
    for (const name of [path, other])
      await rejects(run(name, []), { instance: UsageError, message: /it has 2 names \(hard links\).*Nothing was sent/ })
    rmSync(other)
    assert.is(statuses((await run(path, [])).outcomes), 'skipped skipped')
    symlinkSync(join(folder, 'nothing.ndjson'), other)
    await rejects(run(other, []), { instance: UsageError, message: /it is not a regular file/ })
    assert.equal(readdirSync(folder).sort(), ['bulk.ndjson', 'other.ndjson'])
  })
})

for (const [what, move] of [
  ['deleted', (path: string) => rmSync(path)],
  ['renamed', (path: string) => renameSync(path, `${path}.old`)],
  ['replaced', (path: string) => writeFileSync(`${path}.new`, '') ?? renameSync(`${path}.new`, path)],
] as const) {
  journal(`bulk() sends nothing more when its journal is ${what} during the run`, async () => {
    if (process.platform === 'win32') return notRun('Windows does not let an open file be renamed')
    await withJournal(async (path) => {
      const server = graphqlServer()
      const first: ScriptedReply = (request) => {
        move(path)
        return (server.execute as (given: typeof request) => Promise<object>)(request)
      }
      const bulk = { batchSize: 1, concurrency: 1 }
      await rejects(run(path, [first], { list: entries(9), bulk }), {
        message: /\(it was deleted or renamed during this run\)\. Nothing more was sent/,
      })
      assert.equal(server.executed, [1])
    })
  })
}

journal('bulk() sends nothing when a journal beside a new one has an entry of the list', async () => {
  await withJournal(async (path, folder) => {
    await run(path, [undefined], { list: entries(3) })
    const renamed = join(folder, 'renamed.ndjson')
    // New entries come first, more than a batch of them.
    const list = [...entries(60, 100), ...entries(3)]
    const { message } = await rejects(run(renamed, [], { list }), { instance: RefusedError })
    assert.is(
      message,
      `Refused to send entry 60: the journal ${quotedPath(renamed)} does not know it, but ${quotedPath(path)} records it ` +
        'as done on the same server. It was not sent. If this is the same list under another name, use that journal. ' +
        'If it is to be done once more, first move that journal to another folder.',
    )
    await rejects(run(renamed, [], { list }), { instance: RefusedError })
    assert.is(statuses((await run(path, [undefined], { list: entries(4) })).outcomes), 'skipped skipped skipped done')
    mkdirSync(join(folder, 'old'))
    renameSync(path, join(folder, 'old', 'bulk.ndjson'))
    assert.is(statuses((await run(renamed, [undefined], { list: entries(2) })).outcomes), 'done done')
  })
})

journal('bulk() sends the entries before such an entry if the list can be read only once', async () => {
  await withJournal(async (path, folder) => {
    await run(path, [LOST], { list: entries(1) })
    const server = graphqlServer()
    async function* list() {
      yield* entries(60, 100)
      while (server.executed.length < 60) await setTimeout(1)
      yield* entries(1)
    }
    const renamed = join(folder, 'renamed.ndjson')
    const bulk = { concurrency: 1 }
    const replies = [server.execute, server.execute, server.execute]
    await rejects(run(renamed, replies, { list: list(), bulk }), {
      message: /records it as unknown on the same server/,
    })
    assert.equal(
      [...server.executed],
      entries(60, 100).map(({ n }) => n),
    )
    await rejects(run(renamed, [], { list: list(), bulk }), { instance: RefusedError })
  })
})

journal('bulk() throws when a list is used up by its first reading', async () => {
  await withJournal(async (path, folder) => {
    await run(join(folder, 'other.ndjson'), [undefined], { list: entries(1, 50) })
    const values = entries(3)[Symbol.iterator]()
    const list = { [Symbol.iterator]: () => values }
    await rejects(run(path, [], { list }), { instance: UsageError, message: /it had 3 entries .* and 0 in the second/ })
    const stream = Readable.from(entries(3))
    assert.is(statuses((await run(path, [undefined], { list: stream })).outcomes), 'done done done')
  })
})

journal('bulk() ignores other files and journals of other servers in the folder', async () => {
  await withJournal(async (path, folder) => {
    await run(join(folder, 'other.ndjson'), [undefined], { address: 'https://test.example.com/graphql' })
    await run(join(folder, 'free.ndjson'), [{ status: 413, body: 'no' }], { list: entries(1) })
    await run(join(folder, 'else.ndjson'), [undefined], { list: entries(1, 50) })
    await run(join(folder, 'key.ndjson'), [undefined], { list: entries(1, 60), bulk: { key: () => 'row 1' } })
    renameSync(join(folder, 'key.ndjson'), join(folder, 'key-2.ndjson'))
    writeFileSync(join(folder, 'data.ndjson'), '{"n":1}\n')
    writeFileSync(join(folder, 'bulk.csv'), 'n\n1\n')
    mkdirSync(join(folder, 'folder.ndjson'))
    assert.is(statuses((await run(path, [undefined], { list: entries(1) })).outcomes), 'done')
    const bulk: BulkOptions = { key: () => 'row 1' }
    assert.is(statuses((await run(path, [undefined], { list: entries(1, 2), bulk })).outcomes), 'done')
  })
})

journal('bulk() stops when a journal of the same server beside it is damaged or of 0.1.0', async () => {
  await withJournal(async (path, folder) => {
    const other = join(folder, 'other.ndjson')
    for (const [text, expected] of [
      [`{"event":"open","server":"${SERVER}"}\n`, /another version of wfg, such as 0\.1\.0, wrote it/],
      [
        `{"eve\n{"event":"open","format":2,"server":"${SERVER}"}\n{"event":"dome"}\n`,
        /other\.ndjson" as a journal: line 3/,
      ],
    ] as const) {
      writeFileSync(other, text)
      await rejects(run(path, []), { message: expected })
    }
  })
})

// --- damage ---

journal('bulk() reads a journal whose last line is cut off, and appends to it', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined])
    for (const torn of ['{', '{"at":"2026-01-01T00:00:00.000Z","event":"se', '\0\0\0']) {
      appendFileSync(path, torn)
      const list = entries(1, 100 + torn.length)
      assert.is(statuses((await run(path, [undefined], { list })).outcomes), 'done')
      assert.is(statuses((await run(path, [], { list })).outcomes), 'skipped')
    }
    assert.is(statuses((await run(path, [])).outcomes), 'skipped skipped')
  })
})

journal('bulk() reads a last line without a line end', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined], { list: entries(1) })
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd())
    assert.is(statuses((await run(path, [], { list: entries(1) })).outcomes), 'skipped')
  })
})

journal('bulk() reads a line that is cut off anywhere, and zeros after it, with every key', async () => {
  await withJournal(async (path) => {
    const bulk = { key: ({ n }: { n?: unknown }) => `{"n": "${n}\\", ü}` }
    await run(path, [undefined], { bulk })
    const whole = readFileSync(path)
    const first = whole.subarray(0, whole.indexOf('\n') + 1)
    const rest = whole.subarray(first.length)
    const sent = rest.subarray(0, rest.indexOf('\n'))
    const done = whole.subarray(whole.lastIndexOf('{"at"'), -1)
    assert.match(done.toString(), '"data":"{')
    const server = SERVER
    for (const [line, before] of [
      [first.subarray(0, -1), Buffer.alloc(0)],
      [sent, first],
      [done, first],
    ] as const) {
      for (let length = 0; length <= line.length; length += 1) {
        for (const zeros of ['', '\0\0']) {
          const torn = Buffer.concat([line.subarray(0, length), Buffer.from(`${zeros}\n`)])
          writeFileSync(path, Buffer.concat([before, torn, ...(before === first ? [rest] : [whole])]))
          const opened = await openJournal(networkHost(), path, server)
          const states = [1, 2].map((n) => opened.earlier(bulk.key({ n }))?.state)
          await opened.close()
          assert.equal(states, ['done', 'done'], `${length}`)
        }
      }
    }
  })
})

journal('bulk() refuses a journal with a damaged line, which may be the record of an entry', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined])
    const text = readFileSync(path, 'utf8')
    for (const damaged of [
      text.replace('"send"', '"se\u0001d"'),
      text.replace('"key":', '"ke'),
      `${text.trimEnd()}}\n`,
    ]) {
      writeFileSync(path, damaged)
      await rejects(run(path, []), { instance: UsageError, message: /line \d is not a journal line/ })
    }
  })
})

journal('bulk() reads a journal that an editor saved with a byte order mark and CRLF', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined])
    const text = readFileSync(path, 'utf8')
    const other = text.replace(SERVER, 'https://test.example.com/wfgen/graphql')
    const edited = (content: string): string => `\ufeff${content.replaceAll('\n', '\r\n')}`
    writeFileSync(path, edited(text))
    assert.is(statuses((await run(path, [])).outcomes), 'skipped skipped')
    assert.is(readFileSync(path, 'utf8'), edited(text))
    writeFileSync(path, edited(other))
    await rejects(run(path, []), { instance: RefusedError })
  })
})

for (const content of ['name,amount\nada,3\n', '{"rows":[1,2]}\n', '{"at":"x","event":"other","key":"k"}\n', '[]\n']) {
  journal(`bulk() does not change a file that is not a journal: ${JSON.stringify(content)}`, async () => {
    await withJournal(async (path) => {
      writeFileSync(path, content)
      await rejects(run(path, []), { instance: UsageError, message: /line 1 is not a journal line/ })
      assert.is(readFileSync(path, 'utf8'), content)
      assert.not.ok(existsSync(`${path}.lock`))
    })
  })
}

journal('bulk() says what is wrong when the journal cannot be created', async () => {
  await withJournal(async (path, folder) => {
    await rejects(run(join(folder, 'gone', 'x.ndjson'), []), { instance: UsageError, message: /\(ENOENT\)/ })
    mkdirSync(path)
    await rejects(run(path, []), { instance: UsageError, message: /Cannot use the journal/ })
  })
})

journal('bulk() refuses a device as a journal before it creates a lock file', async () => {
  if (!HAS_SH || !existsSync('/dev/full')) return notRun('there is no device to name')
  await withJournal(async (path, folder) => {
    symlinkSync('/dev/full', path)
    await rejects(run(path, []), {
      instance: UsageError,
      message: /: it is not a regular file; expected a file/,
    })
    assert.equal(readdirSync(folder), ['bulk.ndjson'])
    assert.not.ok(existsSync('/dev/full.lock'))
  })
})

journal(
  'bulk() refuses a journal of another server, and treats two ports of this computer as two servers',
  async () => {
    await withJournal(async (path) => {
      const address = 'http://127.0.0.1:4001/wfgen/graphql'
      await run(path, [undefined], { address })
      assert.is(linesOf(path)[0]?.['server'], address)
      for (const other of ['http://127.0.0.1:4002/wfgen/graphql', 'http://127.0.0.1:4001/other/graphql']) {
        await rejects(run(path, [], { address: other }), {
          instance: RefusedError,
          message:
            `Refused to use the journal ${quotedPath(path)}: it records what was done on ${JSON.stringify(address)}, and this run is for ` +
            `${quotedPath(other)}. Nothing was sent. Use another journal; if it is the same server under another address, ` +
            'correct the first line of the journal.',
        })
      }
      assert.is(statuses((await run(path, [], { address })).outcomes), 'skipped skipped')
    })
  },
)

journal('bulk() refuses a journal of 0.1.0 and does not change it', async () => {
  await withJournal(async (path) => {
    const at = '2026-01-01T00:00:00.000Z'
    for (const server of ['this computer', SERVER, 'embedded sandbox at http://127.0.0.1:4001']) {
      const lines = [
        { at, event: 'open', server },
        { at, event: 'send', key: 'k', index: 0, digest: 'k' },
        { at, event: 'failed', key: 'k', index: 0, executed: true },
      ]
      const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
      writeFileSync(path, text)
      await rejects(run(path, []), {
        instance: RefusedError,
        message: /another version of wfg, such as 0\.1\.0, wrote it/,
      })
      assert.is(readFileSync(path, 'utf8'), text)
    }
  })
})

journal('bulk() refuses entries without a line that names the server', async () => {
  await withJournal(async (path) => {
    await run(path, [undefined])
    writeFileSync(path, readFileSync(path, 'utf8').replace(/.*\n/, '\n'))
    await rejects(run(path, []), { instance: UsageError, message: /line 2 is not a journal line/ })
  })
})

journal('bulk() sends nothing more on a full disk, and the next run repeats nothing', async () => {
  if (!HAS_SH) return notRun('a full disk is made with a POSIX shell')
  const [runtime] = runtimes()
  const server = graphqlServer()
  const http = await listeningServer(server, () => 1)
  const program = compiled(join(REPOSITORY, 'test', 'graphql', '_bulk_child.ts'))
  await withJournal(async (path, folder) => {
    const child = [program.file, http.url, path, '400'] as const
    const without = await startOnFullDisk(runtime!, child, {}).ended
    assert.match(without.stderr, 'its lock file cannot be created beside it (EFBIG)')
    assert.equal(readdirSync(folder), [])
    assert.is(server.executed.length, 0)
    const filled = await startOnFullDisk(runtime!, child, {}, 16).ended
    assert.match(filled.stderr, 'Cannot write the journal')
    assert.equal(readdirSync(folder), ['bulk.ndjson'])
    assert.ok(server.executed.length > 0 && server.executed.length < 400)
    const { stdout } = await startProcess(runtime!, child, {}).ended
    const ended = JSON.parse(stdout.split('\n')[1]!) as string[]
    assert.is(ended.length, 400)
    for (const [index, status] of ended.entries()) {
      const times = server.executions.get(index + 1) ?? 0
      assert.ok(status === 'unknown' ? times <= 1 : times === 1, `entry ${index} is ${status}: ${times}`)
    }
    assert.ok(ended.filter((status) => status === 'unknown').length <= 40)
  }).finally(() => {
    http.close()
    program.cleanup()
  })
})

// --- two runs ---

journal('bulk() refuses a journal that another bulk of this process uses, and names it', async () => {
  await withJournal(async (path, folder) => {
    const server = graphqlServer()
    await withServer([server.execute], async ({ url }) => {
      const { wfg, close } = bulkClient(url)
      const first = wfg.bulk(CREATE, entries(2), { journal: path })
      await first.next()
      if (process.platform !== 'win32') symlinkSync(path, join(folder, 'link.ndjson'))
      for (const name of process.platform === 'win32' ? [path] : [path, join(folder, 'link.ndjson')]) {
        const { message } = await rejects(outcomesOf(wfg, entries(2), { journal: name }), { instance: RefusedError })
        assert.match(message, `process ${process.pid} on`)
      }
      for await (const { status } of first) assert.is(status, 'done')
      assert.is(statuses(await outcomesOf(wfg, entries(2), { journal: path })), 'skipped skipped')
      close()
    })
  })
})

journal(
  'openJournal() starts again after an embedded sandbox has ended, and keeps the entries of one that runs',
  async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'j.ndjson')
    const entry = { key: 'k', digest: 'k', index: 0 }
    const said: string[] = []
    const host = {
      ...networkHost(),
      stderr: { ...networkHost().stderr, write: async (text: string) => void said.push(text) },
    }
    const earlier = async (address: string, profile: string) => {
      const config = { profile, provider: undefined, graphqlUrl: new URL(address), timeoutMs: 1000 }
      const opened = await openJournal(host, path, await journalServer(host, config))
      const state = opened.earlier('k')?.state
      await opened.sending([entry])
      await opened.record([{ ...entry, event: 'done' }])
      await opened.close()
      return state
    }
    const [here, later] = ['http://127.0.0.1:4001/wfgen/graphql', 'http://127.0.0.1:4002/wfgen/graphql'] as const
    try {
      assert.is(await earlier(here, 'sandbox'), undefined)
      assert.is(await earlier(here, 'sandbox'), 'done')
      assert.equal(said, [])
      assert.is(await earlier(later, 'sandbox'), undefined)
      assert.is(said.length, 1)
      assert.match(
        said[0]!,
        `The journal ${quotedPath(path)} belongs to an embedded sandbox that has ended, so it starts`,
      )
      assert.match(said[0]!, 'sandbox --port 4000" keeps one running.\n')
      assert.is(await earlier(SERVER, 'default'), undefined)
      assert.is(await earlier(SERVER, 'default'), 'done')
      assert.is(said.length, 2)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

journal('openJournal() reads a journal of 200,000 lines within seconds', async () => {
  await withJournal(async (path) => {
    const server = SERVER
    const lines = [`{"at":"2026-01-01T00:00:00.000Z","event":"open","format":2,"server":"${SERVER}"}`]
    for (let index = 0; index < 100_000; index += 1) {
      const line = `"key":"k${index}","index":${index}`
      lines.push(`{"at":"2026-01-01T00:00:00.000Z","event":"send",${line},"digest":"d"}`)
      lines.push(`{"at":"2026-01-01T00:00:00.000Z","event":"done",${line}}`)
    }
    writeFileSync(path, `${lines.join('\n')}\n`)
    const startMs = performance.now()
    const opened = await openJournal(networkHost(), path, server)
    const tookMs = performance.now() - startMs
    const { state, digest } = opened.earlier('k99999')!
    assert.equal([state, digest], ['done', 'd'])
    await opened.close()
    assert.ok(tookMs < 5000, `${tookMs} ms`)
  })
})

journal.run()
