import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { APPLICATIONS, type SandboxApplication, startSandbox } from '../../runtime/sandbox/mod.ts'
import { htmlPage, redirectTo } from '../_replies.ts'
import { type Reply, withServer } from '../_server.ts'
import { settingsFor, TOKEN } from '../cli/_configured.ts'
import { assertFailed, type ExaminedSteps, steps } from '../cli/_doctor.ts'

const graphql = suite('cli/doctor/graphql')

const PAGE: Reply = { status: 404, body: 'nothing here' }
const GREETING: Reply = { body: { data: { __typename: 'Query' } } }

/** @param replies of the GraphQL endpoint */
async function answering(
  replies: readonly Reply[],
  check: (found: ExaminedSteps) => void,
  settings: Record<string, string> = {},
): Promise<void> {
  await withServer([PAGE, TOKEN, ...replies], async (server) => {
    check(await steps({ ...settingsFor(server), ...settings }))
  })
}

async function onSandbox(
  { clientId, clientSecret }: SandboxApplication,
  check: (found: ExaminedSteps) => void,
  settings: Record<string, string> = {},
): Promise<void> {
  const sandbox = await startSandbox({ requests: 0 })
  try {
    const application = { WFG_CLIENT_ID: clientId, WFG_CLIENT_SECRET: clientSecret, WFG_TOKEN_CACHE: 'off' }
    check(await steps({ ...sandbox.settings, ...application, ...settings }))
  } finally {
    await sandbox.close()
  }
}

for (const name of ['unregistered', 'inactive'] as const) {
  graphql(`an application that is ${name} in WorkflowGen is told from one that gets no token`, () =>
    onSandbox(APPLICATIONS[name], (found) =>
      assertFailed(
        found,
        'GraphQL',
        3,
        /the identity provider accepted the client and WorkflowGen did not; it answered 401/,
        /^In WorkflowGen, Administration > Applications, .*"Non-interactive Client" with the Client ID .* Active checked.*Impersonate username.*different audience or issuer/,
      ),
    ),
  )
}

for (const user of ['nobody', 'emma_clark']) {
  const application = user === 'nobody' ? APPLICATIONS.scripts : APPLICATIONS.clerk
  graphql(`a user who cannot be impersonated (${user}) is told from a script without access`, () =>
    onSandbox(
      application,
      (found) => assertFailed(found, 'GraphQL', 3, /answered 403/, /^The user in WFG_IMPERSONATE must exist/),
      { WFG_IMPERSONATE: user },
    ),
  )
}

graphql('a GraphQL error about impersonation names the setting', () => {
  const refused: Reply = { status: 400, body: { errors: [{ message: 'Impersonation is not allowed.' }] } }
  return answering(
    [refused, refused],
    (found) => assertFailed(found, 'GraphQL', 4, /Impersonation is not allowed/, /^The user in WFG_IMPERSONATE/),
    { WFG_IMPERSONATE: 'somebody' },
  )
})

graphql('the impersonated user is the one that scripts act as', () =>
  onSandbox(
    APPLICATIONS.scripts,
    (found) => {
      assert.is(found.exitCode, 0, found.out)
      assert.is(found.last.detail, 'the script acts as "emma_clark"')
    },
    { WFG_IMPERSONATE: 'emma_clark' },
  ),
)

graphql('a wrong path is told by its 404', () =>
  answering([htmlPage(404, '404 - File or directory not found.')], (found) =>
    assertFailed(
      found,
      'GraphQL',
      4,
      /answered 404 with an HTML page/,
      /nothing at the path in WFG_GRAPHQL_URL.*\/graphql/,
    ),
  ),
)

graphql('a page to sign in is told by its title, and by a redirect', async () => {
  for (const reply of [
    htmlPage(200, 'WorkflowGen - Log in'),
    htmlPage(200, 'Sign in'),
    redirectTo('https://l.example/x'),
  ]) {
    await answering([reply], (found) =>
      assertFailed(found, 'GraphQL', 4, /answered (200|302)/, /^A sign-in page answers.*WFG_GRAPHQL_URL/),
    )
  }
})

graphql('any other page is something else than GraphQL', () =>
  answering([htmlPage(200, 'Welcome to IIS')], (found) =>
    assertFailed(found, 'GraphQL', 4, /titled "Welcome to IIS"/, /^The answer is not GraphQL/),
  ),
)

graphql('a server that fails is not the script’s fault', () =>
  answering([htmlPage(500, 'Runtime Error'), htmlPage(500, 'x'), htmlPage(500, 'x')], (found) =>
    assertFailed(found, 'GraphQL', 4, /answered 500/, /^The server has an internal problem/),
  ),
)

graphql('a GraphQL error is shown as the server said it', () => {
  const refused: Reply = { status: 400, body: { errors: [{ message: 'Introspection is off.' }] } }
  return answering([refused, refused], (found) => {
    assertFailed(found, 'GraphQL', 4, /: Introspection is off\.$/, /refuses this query, for the reason above/)
  })
})

graphql('a token that is refused in a GraphQL error is told like one that is refused with 401', async () => {
  for (const [status, message] of [
    [200, 'Unauthorized'],
    [400, 'The application is not registered.'],
    [200, 'Invalid token'],
  ] as const) {
    const refused: Reply = { status, body: { data: null, errors: [{ message }] } }
    await answering([refused, refused], (found) =>
      assertFailed(found, 'GraphQL', 4, new RegExp(message), /"Non-interactive Client" with the Client ID/),
    )
  }
})

graphql('a token that acts as nobody is a failure that names the field', () =>
  answering([GREETING, { body: { data: { viewer: null } } }], (found) =>
    assertFailed(found, 'user', 3, /returns no user/, /Impersonate username must be an existing, active user/),
  ),
)

graphql.run()
