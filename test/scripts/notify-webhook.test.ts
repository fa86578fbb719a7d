import process from 'node:process'
import { setTimeout } from 'node:timers'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError, WfgError } from '#wfg'
import { fakeWfg } from '#wfg/testing'
import script from '../../scripts/notify-webhook.ts'
import { hides, rejects } from '../_assert.ts'
import { type ScriptedServer, withServer } from '../_server.ts'
import { contextOf } from './_context.ts'

const notifyWebhook = suite('notify-webhook')

const ARGS = {
  ...{ task: 'nightly', id: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', exitCode: 4, attempts: 3, host: 'srv-7' },
  error: 'Cannot reach <https://x.example/> & co. <!channel>',
}
const START = 'The task nightly failed on srv-7 (exit code 4, 3 attempts):'
const END = 'Details: npx wfg runs show 1b9d6bcd'
const TEAMS = '/powerautomate/automations/direct/workflows/hush-hush/triggers/manual/paths/invoke?sig=hush-hush'

/** What arrived, as the webhook reads it. */
function arrived({ requests }: ScriptedServer): unknown {
  return requests.map(({ method, path, headers, body }) => [
    ...[method, path, headers['content-type'], JSON.parse(body)],
  ])
}

async function withAddress(address: string | undefined, work: () => Promise<void>): Promise<void> {
  const before = process.env['WEBHOOK_URL']
  const set = (value: string | undefined) => {
    if (value === undefined) delete process.env['WEBHOOK_URL']
    else process.env['WEBHOOK_URL'] = value
  }
  set(address)
  try {
    await work()
  } finally {
    set(before)
  }
}

function post(address: string | undefined, given: Partial<typeof ARGS> = {}, stopAfterMs?: number): Promise<void> {
  const { context, controller } = contextOf({ ...ARGS, ...given }, fakeWfg({}))
  return withAddress(address, async () => {
    if (stopAfterMs !== undefined) setTimeout(() => controller.abort(new Error('stopped')), stopAfterMs)
    await script.run(context)
  })
}

notifyWebhook('Slack gets the failure as a text in which nothing can call anybody', () =>
  withServer([{ body: 'ok' }], async (server) => {
    await post(`${server.url}/services/hush-hush`)
    const error = 'Cannot reach &lt;https://x.example/&gt; &amp; co. &lt;!channel&gt;'
    const text = `${START}\n\n${error}\n\n${END}`
    assert.equal(arrived(server), [['POST', '/services/hush-hush', 'application/json', { text }]])
  }),
)

notifyWebhook('a Teams workflow gets a card', () =>
  withServer([{ status: 202 }], async (server) => {
    await post(`${server.url}${TEAMS}`)
    const body = [{ type: 'TextBlock', text: `${START}\n\n${ARGS.error}\n\n${END}`, wrap: true }]
    const content = { type: 'AdaptiveCard', version: '1.2', body }
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content }]
    assert.equal(arrived(server), [['POST', TEAMS, 'application/json', { type: 'message', attachments }]])
  }),
)

notifyWebhook('a long error is cut', () =>
  withServer([{}], async (server) => {
    await post(server.url, { error: 'e'.repeat(9000), attempts: 1 })
    const text = `The task nightly failed on srv-7 (exit code 4):\n\n${'e'.repeat(1000)}…\n\n${END}`
    assert.equal(arrived(server), [['POST', '/', 'application/json', { text }]])
  }),
)

notifyWebhook('a server that refuses, sends elsewhere or is not there is an error that hides the address', () =>
  withServer(
    [
      { status: 404, body: 'no_service' },
      { status: 302, headers: { location: '/elsewhere' } },
    ],
    async ({ url }) => {
      for (const [origin, found] of [
        [url, 'answered with status 404'],
        [url, 'answered with status 302'],
        ['http://127.0.0.1:1', 'cannot be reached'],
      ] as const) {
        const error = await rejects(() => post(`${origin}/services/hush-hush`), {
          instance: WfgError,
          message: `Cannot post to the webhook of WEBHOOK_URL: its server ${found}.`,
        })
        hides(inspect(error), 'hush-hush')
      }
    },
  ),
)

notifyWebhook('a dry run posts nothing; settings that are wrong hold nothing back', () =>
  withServer([{}], async (server) => {
    const { context, said } = contextOf(ARGS, fakeWfg({}))
    await withAddress(server.url, async () => {
      await script.run({ ...context, server: async () => ({ ...(await context.server()), dryRun: true }) })
      assert.equal(
        [said, server.requests],
        [[`Dry run: this was not posted.\n${START}\n\n${ARGS.error}\n\n${END}`], []],
      )
      await script.run({ ...context, server: () => Promise.reject(new UsageError('WFG_ISSUER is not set')) })
    })
    assert.is(server.requests.length, 1)
  }),
)

notifyWebhook('it ends when its run is stopped', () =>
  withServer([{ fault: 'stall' }], async ({ url }) => {
    await rejects(() => post(url, {}, 50), { message: 'stopped' })
  }),
)

notifyWebhook('an address that is missing, or that would be read on its way, is refused and not shown', async () => {
  for (const [address, found] of [
    [undefined, 'not set'],
    [' ', 'not set'],
    ['hush-hush', 'not an https address'],
    ['http://hooks.example.com/hush-hush', 'not an https address'],
    ['http://127.0.0.1.example.com/hush-hush', 'not an https address'],
  ] as const) {
    const error = await rejects(() => post(address), {
      instance: UsageError,
      message: `Cannot post to a webhook: WEBHOOK_URL is ${found}. Set it, in the environment of the worker, to the address that Teams or Slack gave you.`,
    })
    hides(inspect(error), 'hush-hush')
  }
})

notifyWebhook.run()
