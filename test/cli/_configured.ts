/** Settings that reach a scripted server, with secrets that no output may hold. */

import { hides } from '../_assert.ts'
import type { CliResult } from '../_cli.ts'
import type { Reply, ScriptedServer } from '../_server.ts'

export const SECRET = 'S3cr3t+of/the"client"=9'
export const TOKEN_TEXT = 'token-that-nobody-may-see'

export const TOKEN: Reply = { body: { access_token: TOKEN_TEXT, token_type: 'Bearer', expires_in: 3600 } }

export function settingsFor({ url }: Pick<ScriptedServer, 'url'>): Record<string, string> {
  return {
    WFG_GRAPHQL_URL: `${url}/wfgen/graphql`,
    WFG_TOKEN_ENDPOINT: `${url}/oauth/token`,
    WFG_PROVIDER: 'auth0',
    WFG_AUDIENCE: 'https://workflow.example.com/wfgen/graphql',
    WFG_CLIENT_ID: 'client-of-the-test',
    WFG_CLIENT_SECRET: SECRET,
    WFG_TOKEN_CACHE: 'memory',
  }
}

/** Asserts that the secrets are in no output, in none of the ways in which they are written. */
export function hidesSecrets({ stdout, stderr }: Pick<CliResult, 'stdout' | 'stderr'>): void {
  for (const secret of [SECRET, TOKEN_TEXT]) {
    const written = [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ secret }).toString().slice('secret='.length),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      JSON.stringify(secret).slice(1, -1),
    ]
    hides(stdout, ...written)
    hides(stderr, ...written)
  }
}
