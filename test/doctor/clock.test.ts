import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Reply, withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { steps } from '../cli/_doctor.ts'

const clock = suite('cli/doctor/clock')

const GREETING: Reply = { body: { data: { __typename: 'Query' } } }
const VIEWER: Reply = { body: { data: { viewer: { userName: 'ada' } } } }

function dated(reply: Reply, offMs: number): Reply {
  return { ...reply, headers: { date: new Date(Date.now() + offMs).toUTCString() } }
}

for (const [offMs, status, detail] of [
  [0, 'ok', /^agrees with the servers' to within [12] s$/],
  [30_000, 'ok', /to within (29|30|31) s$/],
  [-7_200_000, 'warning', /^this computer's clock is 7(199|20\d) s ahead of that of http:\/\/127\.0\.0\.1:\d+$/],
  [300_000, 'warning', /^this computer's clock is (29\d|30\d) s behind /],
] as const) {
  clock(`it says how far it is off at ${offMs / 1000} s, and goes on`, () =>
    withServer([dated({ status: 404 }, offMs), TOKEN, GREETING, VIEWER], async (server) => {
      const { steps: found, exitCode } = await steps(settingsFor(server))
      const step = found.find(({ name }) => name === 'clock')!
      assert.equal([step.status, exitCode], [status, 0])
      assert.match(step.detail, detail)
      if (status === 'warning') assert.match(step.remedy!, /^Set this computer's clock/)
    }),
  )
}

for (const [what, page, status] of [
  ['had no date', {}, 'skipped'],
  ['had another', dated({}, 0), 'ok'],
] as const) {
  clock(`the token response's date counts where the answer before ${what}`, () =>
    withServer([{ status: 404, ...page }, dated(TOKEN, -3_600_000), GREETING, VIEWER], async (server) => {
      const { steps: found, err } = await steps(settingsFor(server))
      const [before, token] = ['clock', 'token'].map((wanted) => found.find(({ name }) => name === wanted)!)
      assert.is(before!.status, status)
      assert.is(token!.status, 'warning')
      assert.match(token!.detail, /^issued for 1 h; this computer's clock is 3\d{3} s ahead of/)
      assert.is(err, '')
    }),
  )
}

clock.run()
