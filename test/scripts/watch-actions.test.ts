import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GraphQLRequestError } from '#wfg'
import { fakeWfg } from '#wfg/testing'
import type { Sandbox } from '../../runtime/sandbox/mod.ts'
import script from '../../scripts/watch-actions.ts'
import { rejects } from '../_assert.ts'
import { needs, SENDS_SIGNALS } from '../_not_run.ts'
import { HAS_SH } from '../_programs.ts'
import { contextOf } from './_context.ts'
import { end, type Row, withSandboxes, withScripts } from './_scripts.ts'

const watchActions = suite('watch-actions')
const needsShell = needs(HAS_SH, 'the command is a program of a POSIX shell', watchActions)

watchActions('it outlives its token and the server, says so once, prints nothing again, and ends on SIGTERM', () =>
  withScripts((scripts) =>
    withSandboxes(
      async (sandboxes) => {
        const run = scripts.start(
          ['watch-actions', '--every', '1', '--since', '2026-11-20'],
          sandboxes.current.settings,
        )
        await run.shows(/"request":400,/)
        // A look a second, and a new action a look: together longer than the token lives.
        for (const _time of [1, 2]) {
          const number = await createRequest(sandboxes.current)
          await run.shows(new RegExp(`"request":${number},`))
        }
        await sandboxes.current.close()
        await run.shows(/Retrying/)
        await sandboxes.restart()
        await run.shows(/The server answers again/)
        // The new server counts from 401 again, with the ids of before: the third is the first that was never there.
        let number = 0
        for (const _time of [1, 2, 3]) number = await createRequest(sandboxes.current)
        await run.shows(new RegExp(`"request":${number},`))
        const { status, stdout, stderr } = await end(run, 'SIGTERM')
        if (SENDS_SIGNALS) assert.is(status, 143)
        assert.is(stderr.match(/Retrying/g)?.length, 1)
        assert.is(stderr.match(/The server answers again/g)?.length, 1)
        const requests = stdout
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as Row)['request'])
        assert.equal(requests, [396, 400, 401, 402, 403])
      },
      { tokenLifetimeSeconds: 1 },
    ),
  ),
)

needsShell(
  'it prints what appears once, has --exec run the program with its arguments as they are, and ends on Ctrl-C',
  () =>
    withScripts((scripts) =>
      withSandboxes(async (sandboxes) => {
        writeFileSync(join(scripts.dir, 'record it.sh'), RECORD)
        const nasty = `$(touch made); "a" 'b' & \\ $HOME`
        const exec = ['sh', 'record it.sh', nasty].map((word) => `--exec=${word}`)
        const run = scripts.start(
          ['watch-actions', '--every', '1', '--since', '2026-11-19', ...exec],
          sandboxes.current.settings,
        )
        await run.shows(/"request":400,/)
        const number = await createRequest(sandboxes.current)
        await run.shows(new RegExp(`"request":${number},`))
        await createRequest(sandboxes.current)
        await run.shows(new RegExp(`"request":${number + 1},`))
        const { status, stdout, stderr } = await end(run, 'SIGINT')
        if (SENDS_SIGNALS) assert.is(status, 130)
        assert.match(
          stderr,
          `Watching ${sandboxes.current.graphqlUrl} every 1 s for actions opened since 2026-11-19T00:00:00.000Z. Ctrl-C`,
        )
        const lines = stdout.trimEnd().split('\n')
        assert.is(new Set(lines).size, lines.length)
        const printed = lines.map((line) => JSON.parse(line) as Row)
        assert.equal(Object.keys(printed[0]!), ['request', 'action', 'assignee', 'opened'])
        const recorded = readFileSync(join(scripts.dir, 'record.txt'), 'utf8').trimEnd().split('\n')
        // The command for the last one may have been ended with the run.
        assert.ok(recorded.length >= printed.length - 1)
        recorded.forEach((line, index) => {
          const { request, action, assignee } = printed[index]!
          assert.is(line, [nasty, request, action, assignee ?? ''].map((argument) => `[${argument}]`).join(''))
        })
        const warnings = stderr.split('\n').filter((line) => line.startsWith('warning: '))
        assert.is(warnings.length, 1)
        assert.match(warnings[0]!, /The command failed for request 399, \S+: exit code 1$/)
        assert.match(stderr, /^it is full$/m)
        assert.match(stderr, /^noted 400$/m)
        assert.throws(() => readFileSync(join(scripts.dir, 'made')), /ENOENT/)
      }),
    ),
)

watchActions('--help lists what a command is given', () =>
  withScripts(async (scripts) => {
    const { stdout } = await scripts.here.run(['watch-actions', '--help'])
    const given = 'it gets the number of the request, the name of the action, and its assignee'
    assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(given), stdout)
  }),
)

watchActions(
  'run() remembers only what it may be given again, and prints nothing twice where the filter is ignored',
  async () => {
    const old = action('a', '2026-11-01T08:00:00.000Z')
    const middle = action('b', '2026-11-02T08:00:00.000Z')
    const late = action('c', '2026-11-02T07:30:00.000Z')
    const wfg = fakeWfg({ NewActions: [page([old, middle]), page([old, middle, late]), page([late, middle, old])] })
    const { context, controller } = contextOf({ every: 1, since: new Date('2026-11-01'), exec: [] }, wfg)
    const names: unknown[] = []
    for await (const row of until(script.run(context), () => wfg.calls.length === 3, controller))
      names.push(row['action'])
    assert.equal(names, ['a', 'b', 'c'])
    assert.equal(
      wfg.calls.map(({ variables }) => variables['since']),
      ['2026-11-01T00:00:00.000Z', '2026-11-02T07:00:00.000Z', '2026-11-02T07:00:00.000Z'],
    )
  },
)

watchActions('run() prints only what appears after its start, and what is still open, without --since', async () => {
  const before = action('a', new Date(Date.now() - 60_000).toISOString())
  const after = action('b', new Date(Date.now() + 1000).toISOString())
  const closed = { ...action('c', after.openedAt), closedAt: after.openedAt, assignee: null }
  const wfg = fakeWfg({
    NewActions: [page([before]), page([before, closed, null, { ...after, assignee: null, request: null }])],
  })
  const { context, controller } = contextOf({ every: 1, since: undefined, exec: [] }, wfg)
  const rows: Row[] = []
  for await (const row of until(script.run(context), () => wfg.calls.length === 2, controller)) rows.push(row)
  assert.equal(rows, [{ request: null, action: 'b', assignee: null, opened: after.openedAt }])
})

watchActions('run() rejects at once when the server does not understand the document', async () => {
  const wfg = fakeWfg({ NewActions: { errors: [{ message: 'Cannot query field "actions".' }] } })
  const { context } = contextOf({ every: 1, since: undefined, exec: [] }, wfg)
  await rejects(() => script.run(context).next(), { instance: GraphQLRequestError, message: /Cannot query field/ })
})

/** One line a call with each argument in brackets; fails for request 399. */
const RECORD = `line=
for argument; do line="$line[$argument]"; done
printf '%s\\n' "$line" >> record.txt
echo "noted $2"
case $line in *'[399]'*) echo it is full >&2; exit 1 ;; esac
`

async function createRequest({ settings, graphqlUrl, issuer }: Sandbox): Promise<number> {
  const form = {
    grant_type: 'client_credentials',
    client_id: settings['WFG_CLIENT_ID']!,
    client_secret: settings['WFG_CLIENT_SECRET']!,
    audience: settings['WFG_AUDIENCE']!,
  }
  const issued = await fetch(`${issuer}oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: token } = (await issued.json()) as { access_token: string }
  const query =
    'mutation { createRequest(input: { processName: "SIMPLE_REQUEST", processVersion: 1 }) { request { number } } }'
  const answer = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  const { data } = (await answer.json()) as { data: { createRequest: { request: { number: number } } } }
  return data.createRequest.request.number
}

function action(name: string, openedAt: string) {
  return { id: name, name, openedAt, closedAt: null, assignee: { userName: 'x' }, request: { number: 1 } }
}

function page(items: readonly (object | null)[]) {
  return { actions: { hasNextPage: false, items } }
}

/** Ends the watch once `isEnough` holds after a look. */
async function* until(rows: AsyncGenerator<Row>, isEnough: () => boolean, controller: AbortController) {
  const timer = setInterval(() => {
    if (isEnough()) controller.abort()
  }, 20)
  try {
    yield* rows
  } finally {
    clearInterval(timer)
  }
}

watchActions.run()
