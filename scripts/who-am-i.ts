/**
 * Show the user that scripts act as, on which server, and how long the access token still lives.
 *
 * Reads the user and writes nothing, so it may be run at any time. The first thing to run after the set-up: whoever is
 * shown here is named in WorkflowGen, Administration > Applications, and scripts have exactly this user's rights.
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
    if (!viewer) throw new WfgError('WorkflowGen accepted the token and names no user; look at "Impersonate username".')
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
