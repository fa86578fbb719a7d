/** Every command and a set of misbehaving scripts, and then a search for the secrets in all that was printed and written. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { commands } from '../runtime/cli/commands.ts'
import { type CliResult, type Project, project, removeFolder } from './_cli.ts'
import { needs, SLOW_UNDER_WINE, UNDER_WINE } from './_not_run.ts'
import { here } from './cli/_here.ts'
import { running } from './cli/_running.ts'
import { makeQueue, PGLITE_FLAGS } from './queue/_pglite.ts'

const secrets = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('secrets'))

const CLIENT_ID = 'client-of-the-test'
const SECRET = 'S3cr3t+of/the"client"= ~9ü'
const TOKEN = [
  Buffer.from('{"alg":"RS256"}').toString('base64url'),
  Buffer.from('{"sub":"client","aud":"https://workflow.example.com/wfgen/graphql"}').toString('base64url'),
  createHash('sha512').update('signature').digest('base64url'),
].join('.')
const PEM = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey

/** Whatever a text may have become on its way to a log (independent of what the redactor knows). */
function formsOf(value: string): string[] {
  const form = new URLSearchParams({ v: value }).toString().slice(2)
  const uri = encodeURIComponent(value)
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  const shifted = [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)])
    const whole = bytes.toString('base64')
    // Without the characters that other bytes before and after it have a part in.
    return whole.slice(shift === 0 ? 0 : shift + 1).replace(/.?=*$/, '')
  })
  const basic = Buffer.from(`${encodeURIComponent(CLIENT_ID)}:${form}`).toString('base64')
  return [
    value,
    form,
    lower(form),
    uri,
    lower(uri),
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value)).slice(3, -3),
    Buffer.from(value).toString('hex'),
    ...shifted,
    ...shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    basic.replace(/.?=*$/, ''),
  ]
}

const FORMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['the client secret', formsOf(SECRET)],
  ['the token', [...formsOf(TOKEN), TOKEN.split('.')[1]!, TOKEN.split('.')[2]!]],
  [
    'the private key',
    PEM.split('\n')
      .filter((line) => line.length >= 8 && !line.startsWith('-----'))
      .flatMap(formsOf),
  ],
])

function holds(text: string): string[] {
  return [...FORMS].flatMap(([name, forms]) => (forms.some((form) => text.includes(form)) ? name : []))
}

const FAILING_QUERY = 'await wfg`query Fails { viewer { userName } }`.catch(show)'
const THROWS =
  'const e = new Error("broken"); try { await wfg`query Fails { viewer { userName } }` } catch (cause) { e.cause = cause } throw e'

/** What one script does, one after another; the last is not caught. Those that ask nothing come first, without a token. */
const MISBEHAVING = {
  environment: 'console.log(process.env, JSON.stringify(process.env), process.argv, process.execArgv)',
  inspects:
    'console.log(inspect({ wfg, token, status: token.status?.() }, { depth: 10, showHidden: true, getters: true }))',
  children: `const program = [process.execPath, process.versions.deno ? ['eval', 'console.log(JSON.stringify(Deno.env.toObject()))'] : ['-e', 'console.log(JSON.stringify(process.env))']]
console.log(execFileSync(program[0], program[1], { encoding: 'utf8' }))`,
  'failing-query': FAILING_QUERY,
  'failing-mutation': 'await wfg`mutation Fails { createRequest { number } }`.catch(show)',
  'refused-token': "await createWfg({ headers: { 'x-answer': '401' } })`query Q { viewer { userName } }`.catch(show)",
  redirected: "await createWfg({ headers: { 'x-answer': '302' } })`query Q { viewer { userName } }`.catch(show)",
  report:
    'await wfg`query Q { viewer { userName } }`; console.log(JSON.stringify(process.report?.getReport?.() ?? {}))',
  'inspects-again':
    'console.log(inspect({ wfg, token, status: token.status?.() }, { depth: 10, showHidden: true, getters: true }))',
  throws: THROWS,
}

const THROUGH_SHELL = `import { defineScript } from '#wfg'
export default defineScript({ async run({ $, wfg, log }) {
  await wfg\`query Q { viewer { userName } }\`
  const name = process.execPath
  const args = process.versions.deno ? ['eval', 'console.log(JSON.stringify(Deno.env.toObject()))'] : ['-e', 'console.log(JSON.stringify(process.env))']
  log(String(await $\`\${name} \${args}\`))
  throw new Error('after it')
} })`

const SHOW = `import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { inspect } from 'node:util'
import { createWfg, token, wfg } from '#wfg'
function show(error) {
  console.log(error, String(error), error.stack, error.cause, JSON.stringify(error))
  console.log(inspect(error, { depth: 10, showHidden: true, getters: true }))
}
void execFileSync
`

const ENTRIES = `
  misbehaves: { script: './scripts/misbehaves.ts' },
  'failing-query': { script: './scripts/failing-query.ts' },
  'through-shell': { script: './scripts/through-shell.ts' },
`

function files(): Record<string, string> {
  const parts = Object.entries(MISBEHAVING).map(([name, body]) => {
    const part = name === 'throws' ? body : `try {\n${body}\n} catch (error) {\n  show(error)\n}`
    return `console.log('--- ${name}')\n${part}\n`
  })
  return {
    'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, {${ENTRIES}})
await main(import.meta, tasks)`,
    'scripts/through-shell.ts': THROUGH_SHELL,
    'scripts/failing-query.ts': SHOW + FAILING_QUERY,
    'scripts/throws.ts': SHOW + THROWS,
    'scripts/misbehaves.ts': SHOW + parts.join(''),
  }
}

interface Servers {
  readonly url: string
  /** What a server of another origin was sent, to which both redirect. */
  readonly strayed: readonly string[]
  close(): void
}

/** A token endpoint and a GraphQL server that repeat what they were sent wherever they can, and one that neither may reach. */
async function servers(): Promise<Servers> {
  const strayed: string[] = []
  const elsewhere = createServer(async (request, response) => {
    strayed.push(JSON.stringify(request.headers) + (await bodyOf(request)))
    response.end('{}')
  })
  elsewhere.listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const away = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const echo = `you sent ${body} with ${request.headers.authorization ?? 'nothing'}`
    const json = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'r-1' })
      response.end(JSON.stringify(value))
    }
    if (request.url === '/refusing/token') return json(401, { error: 'invalid_client', error_description: echo })
    if (request.url === '/moved/token') return void response.writeHead(307, { location: away }).end(echo)
    if (request.url === '/odd/token') return json(200, { access_token: TOKEN, token_type: 'odd', expires_in: 'soon' })
    if (request.url === '/token') return json(200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 })
    const asked = request.headers['x-answer']
    if (asked === '302') return void response.writeHead(307, { location: away }).end(echo)
    if (asked === '401')
      return void response
        .writeHead(401, { 'www-authenticate': `Bearer error="${echo.replaceAll('"', '')}"` })
        .end(echo)
    if (body.includes('Fails')) {
      return json(200, {
        data: null,
        errors: [{ message: echo, extensions: { stack: echo, headers: request.headers } }],
      })
    }
    return json(200, { data: { viewer: { userName: 'ada' } } })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strayed,
    close() {
      for (const each of [server, elsewhere]) {
        each.closeAllConnections()
        each.close()
      }
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function envFile(url: string, path: string, credential: Record<string, string>): string {
  const settings = {
    WFG_GRAPHQL_URL: `${url}/graphql`,
    WFG_TOKEN_ENDPOINT: `${url}${path}`,
    WFG_PROVIDER: 'oidc',
    WFG_AUDIENCE: 'https://workflow.example.com/wfgen/graphql',
    WFG_CLIENT_ID: CLIENT_ID,
    ...credential,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'`)
    .join('\n')
}

/** Files below `folder` that hold a secret, and are not where it is kept. */
function filesWithSecrets(folder: string, kept: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|runtime/.test(entry.parentPath))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name)
      const found = holds(readFileSync(path, 'latin1'))
      return found.length > 0 && !kept.includes(entry.name) ? `${relative(folder, path)}: ${found.join(', ')}` : []
    })
}

type CommandName = keyof typeof commands

/** How each command is called; one that is new has to be added. */
const CALLS: Readonly<Record<CommandName, readonly (readonly string[])[]>> = {
  list: [['list', '--json']],
  run: [['run', 'scripts/failing-query.ts']],
  help: [['help'], ['help', 'through-shell']],
  sandbox: [['sandbox', '--port', 'none']],
  version: [['--version']],
  query: [
    ['query', 'query Fails { viewer { userName } }', '--verbose'],
    ['query', 'mutation Fails { createRequest { number } }'],
  ],
  // `token reveal` shows the token, on purpose.
  token: [['token'], ['token', '--json', '--verbose'], ['token', 'clear']],
  init: [['init']],
  journal: [['journal', 'missing.ndjson']],
  runs: [['runs'], ['runs', '--all', '--format', 'json'], ['runs', 'show', '0'], ['runs', 'again', '0']],
  schedule: [['schedule', '--json']],
  export: [['export', 'cron'], ['export']],
  new: [['new', 'something', '--dry-run']],
  schema: [
    ['schema', 'pull', '--verbose'],
    ['schema', 'check'],
    ['schema', 'diff', 'sandbox', 'sandbox'],
  ],
  completion: [
    ['completion', 'bash'],
    ['completion', '--word='],
  ],
  enqueue: [
    ['enqueue', 'failing-query', '--verbose'],
    ['enqueue', 'through-shell', '--dry-run'],
  ],
  queue: [['queue', '--json', '--verbose']],
  // It runs meanwhile.
  worker: [],
  doctor: [['doctor'], ['doctor', '--json', '--verbose']],
}

/** These run scripts, which have a process of their own. */
const IN_A_PROCESS = ['misbehaves', 'through-shell', 'run']

/** One call of each command that uses the credential. */
const ASKING: readonly (readonly string[])[] = [
  ['query', 'query Fails { viewer { userName } }', '--verbose'],
  ['token', '--json', '--verbose'],
  ['schema', 'pull', '--verbose'],
  ['doctor', '--json', '--verbose'],
]

/** One project for all set-ups, whose scripts are compiled once. */
let common: Project | undefined
secrets.after(() => common?.cleanup())

async function search(
  path: string,
  credential: Record<string, string>,
  more: Record<string, string> = {},
  calls: readonly (readonly string[])[] = ASKING,
): Promise<void> {
  const { url, strayed, close } = await servers()
  common ??= project(files())
  const { dir, run } = common
  for (const [name, text] of Object.entries({ '.env': envFile(url, path, credential), ...more }))
    writeFileSync(join(dir, name), text, { mode: 0o600 })
  const home = join(dir, 'home')
  mkdirSync(home)
  const env = { HOME: home, WFG_CACHE_DIR: join(home, 'cache') }
  const check = (args: readonly string[], { stdout, stderr, status }: CliResult) => {
    const output = `${stdout}${stderr}`
    assert.equal(holds(output), [], `${args.join(' ')} (exit ${status}) printed:\n${output}`)
    assert.ok(output.length > 0, `${args.join(' ')} printed nothing`)
    return output
  }
  const call = async (args: readonly string[]) => {
    const isHere = !IN_A_PROCESS.includes(args[0]!)
    return check(args, await (isHere ? here(dir, args, { env, entries: ENTRIES }) : run(args, { env })))
  }
  try {
    const output = await call(['misbehaves', '--verbose'])
    for (const name of Object.keys(MISBEHAVING)) assert.ok(output.includes(`--- ${name}\n`), output)
    if (calls === ASKING) for (const args of calls) await call(args)
    else {
      await makeQueue(dir, join(home, 'cache', 'state'))
      const args = ['worker', '--timeout', '5', '--verbose']
      const worker = running(join(dir, 'tasks.ts'), args, { cwd: dir, home, env, flags: PGLITE_FLAGS })
      await worker.shows(/queue in/)
      for (const each of calls) await call(each)
      check(args, await worker.ended)
      check(['scripts/throws.ts'], await run([], { entry: 'scripts/throws.ts', env }))
    }
    assert.equal(strayed, [], 'nothing follows a redirect to another origin')
    const cached = readdirSync(join(home, 'cache'), { recursive: true }).map(String)
    const tokenFiles = cached.filter((name) => /^token-[0-9a-f]{32}\.json$/.test(name))
    assert.ok(cached.includes(join('state', 'runs.ndjson')), 'what was run is among the files')
    assert.equal(filesWithSecrets(dir, ['.env', 'key.pem', ...tokenFiles]), [])
    for (const name of tokenFiles) {
      const held = holds(readFileSafely(join(home, 'cache', name))).filter((each) => each !== 'the token')
      assert.equal(held, [], 'the cache holds the token alone')
    }
  } finally {
    close()
    removeFolder(home)
  }
}

function readFileSafely(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

secrets('the search finds a secret in each of its forms', () => {
  assert.equal(holds('nothing'), [])
  for (const [name, forms] of FORMS) for (const form of forms) assert.equal(holds(`a ${form} b`), [name])
})

secrets('no command and no script of a working set-up shows the client secret or the token', () =>
  search('/token', { WFG_CLIENT_SECRET: SECRET }, {}, [...Object.values(CALLS).flat(), ['through-shell', '--verbose']]),
)

secrets('nor with basic authentication', () =>
  search('/token', { WFG_CLIENT_SECRET: SECRET, WFG_CLIENT_AUTH: 'client_secret_basic' }),
)

secrets('nor does a private key show', () =>
  search('/token', { WFG_CLIENT_AUTH: 'private_key_jwt', WFG_PRIVATE_KEY_FILE: 'key.pem' }, { 'key.pem': PEM }),
)

for (const path of ['/refusing/token', '/moved/token', '/odd/token']) {
  secrets(`nor where the token endpoint repeats what it was sent, or is odd: ${path}`, () =>
    search(path, { WFG_CLIENT_SECRET: SECRET }),
  )
}

secrets.run()
