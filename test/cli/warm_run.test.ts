/** What a process loads that only sends one query, and one that only lists: every module costs each start a millisecond. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliOptions, project, REPOSITORY } from '../_cli.ts'
import { LINKS, NO_LINKS } from '../_links.ts'
import { node24 } from '../_node24.ts'
import { notRun } from '../_not_run.ts'
import { RUNTIME } from '../_runtime.ts'
import { scriptedServer } from '../_server.ts'
import { settingsFor, TOKEN } from './_configured.ts'

const warm = suite('cli/warm_run')

const FILES = {
  'tasks.ts': `import { defineTasks, main } from '#wfg/tasks'
export const tasks = defineTasks(import.meta.url, { viewer: { script: './scripts/viewer.ts', access: 'read' } })
await main(import.meta, tasks)`,
  'scripts/viewer.ts': `/** Who this is. */
import { defineScript, gql } from '#wfg'
import * as v from 'valibot'
const Viewer = gql\`query Viewer($first: Int) { viewer(first: $first) { userName } }\`
export default defineScript({
  args: v.object({ first: v.optional(v.number(), 1) }),
  run: async ({ args, wfg }) => [(await wfg(Viewer, args)).viewer],
})`,
}
const VIEWER = { body: { data: { viewer: { userName: 'ada' } } } }
const SHOWN = '{"userName":"ada"}\n'

/** Of the runtime, by folder. */
const LISTED = modules(
  '.ts',
  `
  .: compose
  cli: command_arguments commands main usages
  cli/commands: list
  core: errors interruption nearest printed_text problems redact secret_forms source_stack system_code typed_values
    visible word_finder wrap
  host: deno_rights host standard_input standard_streams windows_name
  script: summary
  tasks: mod
  tasks/arguments: tool_flags
  tasks/output: format
  tasks/registry: check_registry entry folder grants list own_folder registry
  tasks/run: failure isolation lifecycle
  transport: open_transport
  prepared: import.cjs prepared.mjs tasks.mjs
`,
)

const QUERIED = modules(
  '.ts',
  `
  .: compose mod
  auth: access_token acting_user clock_skew shared_token token_cache token_count token_file token_key token_lifetime
    token_source
  cli: commands main usages
  cli/commands: run
  core: backoff deadline errors interruption nearest printed_text problems redact secret_forms source_stack
    system_code text_values time_text typed_values visible word_finder
  graphql/client: call_errors client check_options guards masking options perform viewer_name
  graphql/document: file gql language literal operation selection
  graphql/exchange: call_end fate multipart read_answer request_body retry_budget retry_wait send
  host: deno_rights host private_file process_identity replace_file standard_input standard_streams state_folder
    user_shell windows_name
  providers: adfs auth0 entra oidc okta provider providers sandbox
  script: define find_shell process_trees script_file shell
  settings: config config_problems env_file setting_rules settings
  tasks: mod
  tasks/arguments: arguments check_arguments convert example schema schema_pipe schema_shape script_arguments
    start_command tool_flags
  tasks/history: commit history_folder recording run_id write_record
  tasks/output: cells create_encoder format json json_rows rows sink write_result
  tasks/registry: check_registry entry folder grants own_folder registry
  tasks/run: direct direct_limits failure instance isolation lifecycle needs open_for_writing progress run run_script
    script_context session target
  transport: node open_transport remedy response_body transport
  prepared: import.cjs mod.mjs prepared.mjs tasks.mjs
`,
)

/** Of the prepared runtime no file but the one that is evaluated, and what the script imports. */
const PREPARED = {
  ours: modules('.mjs', 'prepared: import.cjs mod prepared tasks'),
  packages: modules('.mjs', 'valibot/dist: index'),
}

/** By name. From the sources, graphql-tag loads all of graphql. */
const PACKAGES = ['graphql', 'graphql-tag', 'mrmime', 'tslib', 'valibot']

/** The modules of ours and of packages that Node tells of, without those by which it takes TypeScript. */
function loaded(stderr: string): { ours: string[]; packages: string[] } {
  const found = [...stderr.matchAll(/^(?:ESM \d+: Storing (file:\S+)|MODULE \d+: load "([^"]+)")/gm)]
  const paths = found.map(([, url, path]) => (url === undefined ? path! : fileURLToPath(url.replace(/\?.*$/, ''))))
  const within = (folder: string): string[] => {
    const start = join(REPOSITORY, folder, '/')
    const names = paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length))
    return [...new Set(names.map((name) => name.replaceAll('\\', '/')))].sort()
  }
  return {
    ours: within('runtime').filter((name) => !LAUNCHER.includes(name)),
    packages: within('node_modules').filter((name) => !/^(tsx|esbuild|get-tsconfig|\.cache)\//.test(name)),
  }
}

/** What the launcher itself is made of. */
const LAUNCHER = [
  'cli/wfg.mjs',
  'prepared/compile_cache.mjs',
  'prepared/typescript.mjs',
  'host/cache_folder.mjs',
  'host/trusted_files.mjs',
]

/** Names by folder, as the lists above have them; `extension` is what a name without one has. */
function modules(extension: string, lists: string): string[] {
  let folder = ''
  const names: string[] = []
  for (const word of lists.split(/\s+/).filter(Boolean)) {
    if (word.endsWith(':')) folder = word === '.:' ? '' : word.replace(/:$/, '/')
    else names.push(`${folder}${word}${word.includes('.') ? '' : extension}`)
  }
  return names.sort()
}

async function check(options: CliOptions): Promise<void> {
  const server = await scriptedServer([TOKEN, VIEWER, VIEWER, VIEWER])
  const { dir, run, cleanup } = project(FILES)
  try {
    const env = { ...settingsFor(server), WFG_TOKEN_CACHE: 'disk', WFG_CACHE_DIR: join(dir, 'cache') }
    // Of the sources: the prepared runtime evaluates the same modules, from one file.
    const told = { ...env, NODE_DEBUG: 'esm,module', NODE_DISABLE_COMPILE_CACHE: '1' }
    assert.is((await run(['viewer'], { ...options, env })).stdout, SHOWN)
    const prepared = await run(['viewer'], { ...options, env: { ...env, NODE_DEBUG: 'esm,module' } })
    const queried = await run(['viewer'], { ...options, env: told })
    const listed = await run(['list'], { ...options, env: told })
    assert.equal([queried.stdout, server.requests.length], [SHOWN, 4])
    assert.match(listed.stdout, 'Who this is.')
    if (RUNTIME !== 'node') return notRun('what a process loads is told by Node alone')
    assert.equal(loaded(prepared.stderr), PREPARED)
    const { ours, packages } = loaded(queried.stderr)
    assert.equal(ours, QUERIED)
    assert.equal([...new Set(packages.map((path) => path.replace(/\/.*/, '')))].sort(), PACKAGES)
    assert.equal(loaded(listed.stderr), { ours: LISTED, packages: [] })
  } finally {
    cleanup()
    await server.destroy()
  }
}

warm('a query with a token at hand loads these modules and no others, and a list these', () =>
  LINKS.folder ? check({}) : notRun(NO_LINKS),
)

warm('so it is on Node 24, by the launcher', async () => {
  if (RUNTIME !== 'node') return notRun('what a process loads is told by Node alone')
  const program = await node24()
  if (program === undefined) return notRun('what a process loads on Node 24 needs the npm registry')
  await check({ command: [program], entry: 'runtime/cli/wfg.mjs' })
})

warm.run()
