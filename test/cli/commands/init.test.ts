import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { initialize } from '../../../runtime/cli/commands/init.ts'
import { UsageError } from '../../../runtime/core/errors.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { startSandbox } from '../../../runtime/sandbox/mod.ts'
import { envValues } from '../../../runtime/settings/env_file.ts'
import type { ToolFlags } from '../../../runtime/tasks/arguments/tool_flags.ts'
import type { Registry } from '../../../runtime/tasks/registry/registry.ts'
import { hides, rejects } from '../../_assert.ts'
import { project, REPOSITORY, runCli, temporaryFolder } from '../../_cli.ts'
import { type FakeHost, fakeHost } from '../../_host.ts'
import { notRun } from '../../_not_run.ts'
import { type Answer, type Answering, answering, ESC } from '../_prompts.ts'
import { HAS_TERMINAL, NO_TERMINAL, onTerminal } from '../_terminal.ts'

const init = suite('cli/init')

interface Initialized {
  readonly host: FakeHost
  readonly dir: string
  readonly prompts: Answering
  /** What a file of the folder says. */
  env(name: string): Record<string, string | undefined>
}

interface Given {
  files?: Record<string, string>
  flags?: ToolFlags
  env?: Record<string, string>
}

/** Runs `init` for somebody who answers so. The working directory is the folder `work` in the one of `tasks.ts`. */
async function initialized(
  answers: readonly Answer[],
  check: (result: Initialized) => unknown,
  { files = {}, flags = {}, env = {} }: Given = {},
): Promise<void> {
  const dir = temporaryFolder()
  try {
    mkdirSync(join(dir, 'work'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    const host = fakeHost({ env, secrets: {}, pid: 7, cwd: () => join(dir, 'work') })
    const prompts = answering(answers)
    await initialize({ host, flags, registry: { directory: dir } as Registry }, prompts)
    prompts.done()
    await check({ host, dir, prompts, env: (name) => ({ ...envValues(readFileSync(join(dir, name), 'utf8')) }) })
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const URL = 'https://wf.example.com/wfgen/graphql'
const SECRET = 'p#a "s\' s\\'
const AUTH0: readonly Answer[] = [
  ['Which identity provider', 'auth0'],
  ['GraphQL endpoint', URL],
  ['Domain', 'acme.eu.auth0.com'],
  ['Client ID', 'client-17'],
  ['Client secret', SECRET],
  ['API identifier', URL],
]
const WAY_BACK = 'Esc goes back to the question before. Ctrl-C stops, and nothing is written before the last answer.\n'
const WRITTEN = {
  WFG_PROVIDER: 'auth0',
  WFG_GRAPHQL_URL: URL,
  WFG_ISSUER: 'https://acme.eu.auth0.com/',
  WFG_CLIENT_ID: 'client-17',
  WFG_AUDIENCE: URL,
  WFG_CLIENT_SECRET: SECRET,
}

init('writes what was answered, and says what has to be there for it', () =>
  initialized(AUTH0, ({ host, dir, env }) => {
    assert.equal(env('.env'), WRITTEN)
    assert.is(host.err, `${WAY_BACK}Wrote ${quotedPath(join(dir, '.env'))}.\n`)
    assert.match(host.out, /the application client-17 is of\s+the type Machine to\s+Machine/)
    assert.match(host.out, `auth0 client-grants create -c client-17 -a ${URL} --subject-type client`)
    hides(host.out + host.err, SECRET)
    assert.is(host.redactor.text(`x ${SECRET} y`), 'x [redacted] y')
  }),
)

init('every answer is checked at once by the rules of its setting', () =>
  initialized(
    [
      ['Which identity provider', 'entra'],
      [
        'GraphQL endpoint',
        '',
        { refused: /^is not set; it is the GraphQL endpoint/ },
        'http://wf.example.com/graphql',
        { refused: /^must be an https URL/ },
        URL,
      ],
      [
        'tenant',
        'https://login.microsoftonline.com/common/v2.0',
        { refused: /^must name the tenant/ },
        'my tenant',
        { refused: /^must be an https URL/ },
        '1b2c',
      ],
      ['Application (client) ID', '', { refused: /^is not set/ }, 'client-17'],
      ['Client secret', '\'"`#', { refused: /every kind of quote/ }, 'fine'],
      ['Application ID URI', '', { refused: /^is not set; entra needs/ }, 'api://wfgen'],
    ],
    ({ env }) =>
      assert.equal(env('.env'), {
        WFG_PROVIDER: 'entra',
        WFG_GRAPHQL_URL: URL,
        WFG_ISSUER: 'https://login.microsoftonline.com/1b2c/v2.0',
        WFG_CLIENT_ID: 'client-17',
        WFG_AUDIENCE: 'api://wfgen',
        WFG_CLIENT_SECRET: 'fine',
      }),
  ),
)

init('a secret can be in a file, whose path starts at the working directory', () =>
  initialized(
    [
      ['Which identity provider', 'okta'],
      ['GraphQL endpoint', URL],
      [
        'Issuer URI',
        'https://acme.okta.com',
        { refused: /^must name the authorization server/ },
        'https://acme.okta.com/oauth2/default',
      ],
      ['Client ID', 'client-17'],
      ['Client secret', ''],
      ['authenticate', 'file'],
      [
        'File with the client secret',
        'none.txt',
        { refused: /^must name a file that you may read/ },
        '../two.txt',
        { refused: /holds the client secret alone/ },
        '../secret.txt',
      ],
      ['Scope', ''],
    ],
    ({ env }) =>
      assert.equal(env('.env'), {
        WFG_PROVIDER: 'okta',
        WFG_GRAPHQL_URL: URL,
        WFG_ISSUER: 'https://acme.okta.com/oauth2/default',
        WFG_CLIENT_ID: 'client-17',
        WFG_CLIENT_SECRET_FILE: 'secret.txt',
        WFG_CLIENT_AUTH: 'client_secret_basic',
      }),
    { files: { 'secret.txt': 'a secret\n', 'two.txt': 'one\ntwo\n' } },
  ),
)

init('a private key comes with its certificate if the provider needs one', () =>
  initialized(
    [
      ['Which identity provider', 'adfs'],
      ['GraphQL endpoint', URL],
      ['Federation service name', 'adfs.example.com'],
      ['Client identifier', 'client-17'],
      ['Client secret', ''],
      ['authenticate', 'key'],
      ['private key', '..', { refused: /^must name a file/ }, '../key.pem'],
      ['Key ID', ''],
      ['certificate', '', { refused: /^must name a file/ }, '../certificate.pem'],
      ['Identifier of the Web API', 'urn:wfgen'],
    ],
    ({ env }) => {
      const { WFG_CLIENT_AUTH, WFG_PRIVATE_KEY_FILE, WFG_CERTIFICATE_FILE } = env('.env')
      assert.equal(
        [WFG_CLIENT_AUTH, WFG_PRIVATE_KEY_FILE, WFG_CERTIFICATE_FILE],
        ['private_key_jwt', 'key.pem', 'certificate.pem'],
      )
    },
    { files: { 'key.pem': 'k', 'certificate.pem': 'c' } },
  ),
)

init('Esc leads back from question to question, and what was answered is offered again', () =>
  initialized(
    [
      ['Which identity provider', ESC],
      ['Which identity provider', 'okta'],
      ['GraphQL endpoint', URL],
      ['Issuer URI', ESC],
      ['GraphQL endpoint', ESC],
      ['Which identity provider', 'auth0'],
      ['GraphQL endpoint', URL],
      ['Domain', 'acme.eu.auth0.com'],
      ['Client ID', 'client-16'],
      ['Client secret', ''],
      ['authenticate', ESC],
      ['Client secret', SECRET],
      ['API identifier', ESC],
      ['Client secret', ESC],
      ['Client ID', 'client-17'],
      ['Client secret', ''],
      ['authenticate', 'kept'],
      ['API identifier', URL],
    ],
    ({ env, prompts }) => {
      assert.equal(env('.env'), WRITTEN)
      const offered = prompts.questions.filter(({ message }) => /^(Which|GraphQL|Client ID)/.test(message))
      assert.equal(
        offered.map(({ initial }) => initial),
        [undefined, undefined, undefined, URL, 'okta', URL, undefined, 'client-16'],
      )
    },
  ),
)

const RANDOM = 'kX9_fQ2-Zr7TbLw4VnYc8DhJ1sMp5GtE3aRu6KoWiHqN0dFzBvSxPjCyAlUe_mO-'

init('what looks like a secret is no client ID and no API identifier, and the message does not contain it', () =>
  initialized(
    [
      ['Which identity provider', 'auth0'],
      ['GraphQL endpoint', URL],
      ['Domain', 'acme.eu.auth0.com'],
      [
        'Client ID',
        RANDOM,
        {
          refused:
            /^looks like a client secret \(a long mix of letters and digits\); expected the client ID, which is shown beside the secret$/,
        },
        RANDOM.slice(0, 32),
      ],
      ['Client secret', 'Xk4'],
      [
        'API identifier',
        'Xk4',
        { refused: /^is the client secret; expected the identifier of the WorkflowGen GraphQL API, such as https:/ },
        'Q3k8Q~x7Yb.aB4cD5eF6gH7iJ8kL9mN0oP1qR2sT',
        { refused: /^looks like a client secret \(a long mix of letters and digits\); expected the identifier of / },
        '0123456789abcdef0123456789abcdef',
        { refused: /^looks like a client secret/ },
        'WorkflowGen-GraphQL-API-eu-west-1-production-2',
      ],
    ],
    ({ env }) => assert.is(env('.env')['WFG_AUDIENCE'], 'WorkflowGen-GraphQL-API-eu-west-1-production-2'),
  ),
)

init('an existing file is changed only after a confirmation', () =>
  initialized(
    [['The file .env exists.', false]],
    ({ host, dir }) => {
      assert.is(host.err, '.env stays as it is.\n')
      assert.equal([readFileSync(join(dir, '.env'), 'utf8'), readdirSync(dir)], ['A=1\n', ['.env', 'work']])
    },
    { files: { '.env': 'A=1\n' } },
  ),
)

init("the old file's answers are offered, it is kept beside the new one, and its other settings are copied", () =>
  initialized(
    [
      ['exists', true],
      ['Which identity provider', 'auth0'],
      ['GraphQL endpoint', URL],
      ['Domain', 'https://acme.eu.auth0.com/'],
      ['Client ID', 'client-18'],
      ['Client secret', ''],
      ['authenticate', 'kept'],
      ['API identifier', URL],
    ],
    ({ host, dir, prompts, env }) => {
      assert.equal(env('.env'), {
        ...WRITTEN,
        WFG_CLIENT_ID: 'client-18',
        WFG_CLIENT_SECRET: 'old',
        WFG_PROTECTED: 'true',
      })
      assert.equal(
        prompts.questions.map(({ initial }) => initial),
        [
          false,
          'auth0',
          'https://old.example.com/graphql',
          'https://acme.eu.auth0.com/',
          undefined,
          undefined,
          undefined,
          undefined,
        ],
      )
      assert.is(
        host.err,
        `${WAY_BACK}Wrote ${quotedPath(join(dir, '.env'))}.\n` +
          `The old file, with its comments, is ${quotedPath(join(dir, '.env.bak'))}. ` +
          'WFG_PROTECTED was copied from it. WFG_TOKEN_ENDPOINT was not.\n',
      )
    },
    {
      files: {
        '.env':
          'WFG_PROVIDER=auth0\nWFG_GRAPHQL_URL=https://old.example.com/graphql\nWFG_ISSUER=https://acme.eu.auth0.com/\n' +
          'WFG_TOKEN_ENDPOINT=https://old.example.com/token\nWFG_CLIENT_SECRET=old\nWFG_PROTECTED=true\n',
      },
    },
  ),
)

init('the answers for another provider are not offered', () =>
  initialized(
    [['exists', true], ...AUTH0],
    ({ prompts, env }) => {
      assert.equal(
        prompts.questions.slice(2).map(({ initial }) => initial),
        ['https://old.example.com/graphql', ...Array(4).fill(undefined)],
      )
      assert.equal(env('.env'), WRITTEN)
    },
    {
      files: {
        '.env':
          'WFG_PROVIDER=okta\nWFG_GRAPHQL_URL=https://old.example.com/graphql\nWFG_ISSUER=https://a.okta.com/oauth2/b\n' +
          'WFG_CLIENT_ID=old\nWFG_CLIENT_SECRET=old\nWFG_CLIENT_AUTH=client_secret_basic\n',
      },
    },
  ),
)

init("a profile has its own file, in which the other's application is not used", () =>
  initialized(
    AUTH0,
    ({ env }) => {
      assert.equal(env('.env.test'), { ...WRITTEN, WFG_SCOPE: '' })
      assert.equal(env('.env'), { WFG_SCOPE: 'x', WFG_TIMEOUT_MS: '5' })
    },
    { flags: { profile: 'test' }, files: { '.env': 'WFG_SCOPE=x\nWFG_TIMEOUT_MS=5\n' } },
  ),
)

for (const profile of ['sandbox', 'example', '../x', 'a.bak', 'a b']) {
  init(`no settings can be written for the profile ${profile}`, async () => {
    await rejects(
      initialized([], () => {}, { flags: { profile } }),
      { instance: UsageError, message: /^Cannot write settings for the profile / },
    )
  })
}

init('a dry run writes nothing', () =>
  initialized(
    AUTH0,
    ({ host, dir }) => {
      assert.match(host.err, /^dry run: would write WFG_PROVIDER, .*WFG_CLIENT_SECRET, .* to /m)
      assert.equal(readdirSync(dir), ['work'])
    },
    { flags: { dryRun: true } },
  ),
)

init('settings in the environment are reported, because they override the file', () =>
  initialized(
    AUTH0,
    ({ host }) =>
      assert.match(host.err, /^warning: WFG_CLIENT_ID is also set in the environment, which overrides the file\.$/m),
    { env: { WFG_CLIENT_ID: 'x', WFG_TIMEOUT_MS: '5' } },
  ),
)

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {})
await main(import.meta, tasks)`,
}

init('without a terminal it says what each provider needs, and writes nothing', async () => {
  const { dir, run, cleanup } = project(FILES)
  try {
    const { status, stdout, stderr } = await run(['init', '--profile', 'test'])
    assert.equal([status, stdout, existsSync(join(dir, '.env.test'))], [2, '', false])
    assert.match(
      stderr,
      /^error: Cannot ask for the settings: there is no terminal\. Copy \.env\.example.* to \.env\.test /,
    )
    assert.match(stderr, /\n {2}all +WFG_GRAPHQL_URL, WFG_CLIENT_ID, WFG_CLIENT_SECRET or WFG_CLIENT_SECRET_FILE\n/)
    assert.match(stderr, /\n {2}okta +WFG_ISSUER, WFG_SCOPE\n/)
    const extra = await run(['init', 'prod'])
    assert.equal([extra.status, extra.stdout], [2, ''])
    assert.match(extra.stderr, /it takes no arguments\. Expected init \[--profile P/)
  } finally {
    cleanup()
  }
})

init('a person at a terminal is asked, sees no secret, and has settings that work', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const sandbox = await startSandbox()
  const { dir, run, cleanup } = project(FILES)
  try {
    const { WFG_GRAPHQL_URL, WFG_ISSUER, WFG_CLIENT_ID, WFG_CLIENT_SECRET, WFG_AUDIENCE } = sandbox.settings
    const { status, text, typed } = await onTerminal(dir, ['init'], {
      columns: 100,
      answers: [
        [/Which identity provider[\s\S]*confirm/, '\r'],
        [/GraphQL endpoint/, 'http://wf.example.com\r'],
        [/must be an https URL/, `\u0015${WFG_GRAPHQL_URL}\r`],
        [/Domain/, `${WFG_ISSUER}\r`],
        [/Client ID/, 'client\r'],
        [/Client secret/, '\u001b'],
        [/Client ID[\s\S]*client/, `\u0015${WFG_CLIENT_ID}\r`],
        [/Client secret/, `${WFG_CLIENT_SECRET}\r`],
        [/API identifier/, `${WFG_AUDIENCE}\r`],
      ],
    })
    assert.equal([typed, status], [9, 0], text)
    hides(text, WFG_CLIENT_SECRET!)
    assert.match(text, /Domain\n +Auth0, Applications > your .* > Settings: the field\s+Domain\n/)
    assert.match(text, /Set up once:/)
    const env = { ...envValues(readFileSync(join(dir, '.env'), 'utf8')) }
    assert.equal(env, { ...sandbox.settings, WFG_PROVIDER: 'auth0' })
    const viewer = await run(['query', '{ viewer { userName } }', '--path', 'viewer.userName'])
    assert.equal([viewer.status, viewer.stdout], [0, 'john_smith\n'], viewer.stderr)
  } finally {
    cleanup()
    await sandbox.close()
  }
})

init('--here asks a person at a terminal which scripts to take', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const runtime = pathToFileURL(join(REPOSITORY, 'runtime/prepared/tasks.mjs')).href
  const tasks = FILES['tasks.ts'].replace('#wfg/tasks', runtime)
  const { dir, cleanup } = project({ ...FILES, 'tasks.ts': tasks })
  try {
    // Space leaves out the first.
    const answers = [[/Which of the ready scripts[\s\S]*attach-file[\s\S]*who-am-i/, ' \r']] as const
    const { status, text } = await onTerminal(dir, ['init', '--here'], { answers })
    assert.is(status, 0, text)
    assert.not(existsSync(join(dir, 'scripts/attach-file.ts')))
    assert.ok(existsSync(join(dir, 'scripts/who-am-i.ts')))
  } finally {
    cleanup()
  }
})

init('--here starts a repository of scripts here, and asks nothing without a terminal', async () => {
  const dir = temporaryFolder()
  try {
    const { status, stdout, stderr } = await runCli(['init', '--here'], { cwd: dir })
    assert.is(status, 0, stderr)
    assert.match(stdout, /tasks\.ts/)
    assert.ok(existsSync(join(dir, 'tasks.ts')))
    assert.ok(existsSync(join(dir, 'scripts/hello.ts')))
  } finally {
    rmSync(dir, { recursive: true })
  }
})

init('a person at a terminal can leave the file as it is', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = project({ ...FILES, '.env': 'A=1\n' })
  try {
    const answers = [[/The file \.env exists\./, '\r']] as const
    const { status, text, screen } = await onTerminal(dir, ['init'], { answers })
    assert.is(status, 0, text)
    assert.match(screen, COLOURS)
    assert.match(text, /\n\.env stays as it is\.\n$/)
    assert.is(readFileSync(join(dir, '.env'), 'utf8'), 'A=1\n')
  } finally {
    cleanup()
  }
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
const COLOURS = /\u001b\[[\d;]+m/

for (const [key, typed, plain, args, env] of [
  ['Ctrl-C', '\u0003', '--no-color', ['--no-color'], {}],
  ['Ctrl-D', '\u0004', 'NO_COLOR', [], { NO_COLOR: '1' }],
] as const) {
  init(`${key} ends it with 130, and nothing is written; with ${plain} it asked without colours`, async () => {
    if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
    const { dir, cleanup } = project(FILES)
    try {
      const before = readdirSync(dir)
      const { status, text, screen } = await onTerminal(dir, ['init', ...args], {
        env,
        answers: [
          [/Which identity provider[\s\S]*confirm/, '\r'],
          [/GraphQL endpoint/, typed],
        ],
      })
      assert.is(status, 130, text)
      assert.not.match(screen, COLOURS)
      assert.match(text, /\nInterrupted\.\n$/)
      assert.equal(readdirSync(dir), before)
    } finally {
      cleanup()
    }
  })
}

init('--timeout ends a question without an answer', async () => {
  if (!HAS_TERMINAL) return notRun(NO_TERMINAL)
  const { dir, cleanup } = project(FILES)
  try {
    const { status, text } = await onTerminal(dir, ['init', '--timeout', '1'])
    assert.is(status, 124, text)
    assert.not(existsSync(join(dir, '.env')))
  } finally {
    cleanup()
  }
})

init.run()
