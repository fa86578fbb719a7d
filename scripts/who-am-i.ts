/**
 * Show the user that scripts act as, the server, and the remaining life of the access token.
 *
 * Reads the user and writes nothing, so you can run it at any time. Run it first after the set-up. Scripts have exactly the
 * rights of this user, whom WorkflowGen names under Administration > Applications.
 */
import { defineScript, gql, token, WfgError } from '#wfg'

const WhoAmI = gql(`
  query WhoAmI {
    viewer {
      userName
      firstName
      lastName
      email
    }
  }
`)

export default defineScript({
  async run({ wfg, server }) {
    const { viewer } = await wfg(WhoAmI)
    if (!viewer)
      throw new WfgError(
        'WorkflowGen accepted the token but returned no user; check "Impersonate username" of the application.',
      )
    const { remainingMs } = await token.status()
    const { profile, url } = await server()
    return {
      user: viewer.userName,
      name: [viewer.firstName, viewer.lastName].filter(Boolean).join(' '),
      email: viewer.email,
      server: url,
      profile,
      tokenMinutesLeft: remainingMs === undefined ? null : Math.floor(remainingMs / 60_000),
    }
  },
})
