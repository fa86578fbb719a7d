import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WfgError } from '#wfg'
import { fakeWfg } from '#wfg/testing'
import script from '../../scripts/who-am-i.ts'
import { rejects } from '../_assert.ts'
import { contextOf } from './_context.ts'
import { withSandboxes, withScripts } from './_scripts.ts'

const whoAmI = suite('who-am-i')

whoAmI('it shows the impersonated user, the server, and the minutes that the token has left', () =>
  withScripts((scripts) =>
    withSandboxes(
      async ({ current }) => {
        const { rows } = await scripts.rows(['who-am-i'], { env: current.settings })
        assert.equal(rows, [
          {
            user: 'john_smith',
            name: 'John Smith',
            email: 'john.smith@example.com',
            server: current.graphqlUrl,
            profile: 'default',
            tokenMinutesLeft: 9,
          },
        ])
      },
      { tokenLifetimeSeconds: 600 },
    ),
  ),
)

whoAmI('run() rejects with the place to look at when the server returned no user', async () => {
  const { context } = contextOf({}, fakeWfg({ WhoAmI: { viewer: null } }))
  await rejects(() => script.run(context), { instance: WfgError, message: /Impersonate username/ })
})

whoAmI.run()
