/** Scripts compiled as the project's own `check` compiles them, before a pull and after one. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { buildSchema } from 'graphql'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { choiceText, typesText } from '../../../runtime/server_schema/types_file.ts'
import { type Project, project, REPOSITORY, runtimeArgs } from '../../_cli.ts'
import { needs, SLOW_UNDER_WINE, UNDER_WINE } from '../../_not_run.ts'

const typed = needs(!UNDER_WINE, SLOW_UNDER_WINE, suite('graphql/typed_document'))

/** As large as that of a server, and larger. */
const SCHEMA = `
  scalar DateTime
  scalar Upload
  scalar Money
  type Query { node(id: ID!): Node viewer: User actions(page: PageInput, since: DateTime, size: Int! = 5): Actions requests(page: PageInput): Requests many: T1 }
  type Mutation { attach(input: AttachInput!): Attached }
  interface Node { id: ID! }
  enum Status { OPEN CLOSED }
  type User implements Node { id: ID! userName: String }
  type Action implements Node { id: ID! openedAt: DateTime! closedAt: DateTime cost: Money status: Status assignee: User }
  type Actions { hasNextPage: Boolean items: [Action] }
  type Requests { hasNextPage: Boolean items: [Request] }
  type Request { id: ID! process: Process }
  type Process { name: String }
  type Attached { user: User }
  input PageInput { number: Int size: Int }
  input AttachInput { number: Int! file: Upload parts: [PageInput!] }
${Array.from({ length: 5000 }, (_, n) => `  type T${n} { a: String b(x: Int): T${(n * 7) % 5000} }\n`).join('')}`

/** Each line asserts the exact type. */
const RIGHT = `import { file, gql, wfg } from '#wfg'
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(..._: Same<A, B> extends true ? [] : ['differ']) => {}
type Item = { id: string; openedAt: string; cost: any; state: 'OPEN' | 'CLOSED' | null; assignee: { userName: string | null } | null }
const Names = gql(\`fragment Names on User { userName }\`)
const Actions = gql(\`
  query Actions($page: Int, $since: DateTime, $size: Int!) { # a comment
    actions(page: { number: $page, size: $size }, since: $since) { hasNextPage items { id openedAt cost state: status assignee { ...Names } } }
  }\`, Names)
const maybe: string | undefined = process.argv[2]
const data = await wfg(Actions, { size: 3, since: maybe })
same<NonNullable<NonNullable<typeof data.actions>['items']>[number], Item | null>()
for await (const item of wfg.paginate(Actions, { since: '2026-11-24' })) same<typeof item, Item>()
const Attach = gql('mutation Attach($input: AttachInput!) { attach(input: $input) { user { id } } }')
for await (const { data } of wfg.bulk(Attach, [{ input: { number: 1, file: file('x'), parts: [{ size: 1 }] } }])) {
  if (data) same<typeof data, { attach: { user: { id: string } | null } | null }>()
}
const node = await wfg(gql('{ node(id: "x") { id ... on User { userName } __typename } }'))
same<Extract<typeof node.node, { userName: unknown }>, { __typename: 'User'; id: string; userName: string | null }>()
const untyped = await wfg(gql\`{ whatever }\`)
same<typeof untyped, any>()
`

/** Lines with their compile errors. */
const WRONG: readonly (readonly [line: string, told: string])[] = [
  ["gql('{ viewer { userNme } }')", 'Cannot query field \\"userNme\\" on type \\"User\\".'],
  [
    "gql('{ actions(pge: { number: 1 }) { hasNextPage } }')",
    'Unknown argument \\"pge\\" on field \\"Query.actions\\".',
  ],
  [
    "gql('{ actions(page: { numbr: 1 }) { hasNextPage } }')",
    'Field \\"numbr\\" is not defined by type \\"PageInput\\".',
  ],
  ["gql('{ actions(page: { number: $n }) { hasNextPage } }')", 'Variable \\"$n\\" is not declared.'],
  ["gql('{ node { id } }')", 'Field \\"Query.node\\" needs the argument \\"id\\".'],
  ["gql('query ($x: Nmbr) { viewer { id } }')", 'Unknown type \\"Nmbr\\" of the variable \\"$x\\".'],
  ["gql('fragment F on User { id nope }')", 'Cannot query field \\"nope\\" on type \\"User\\".'],
  ["gql('subscription { x }')", 'The schema has no subscription.'],
  ["await wfg(gql('query ($id: ID!) { node(id: $id) { id } }'))", 'Argument of type'],
  [
    "await wfg(gql('query ($id: ID!) { node(id: $id) { id } }'), { id: 1 })",
    "'number' is not assignable to type 'string'",
  ],
  ["await wfg(gql('query ($id: ID!) { node(id: $id) { id } }'), { id: 'x', di: 1 })", "'di' does not exist"],
  [
    "await wfg(gql('mutation ($i: AttachInput!) { attach(input: $i) { user { id } } }'), { i: { file: 1, number: 1 } })",
    "is not assignable to type 'Upload'",
  ],
  ["(await wfg(gql('{ viewer { id } }'))).viewer!.userName", "'userName' does not exist"],
  [
    "(await wfg(gql('{ many { b { b { a } } } }'))).many!.b!.b!.a satisfies 1",
    "Type 'string | null' does not satisfy the expected type '1'",
  ],
]

/** The scripts of the README and the guide that have a document. */
const SAMPLES = ['README.md', 'runtime/guides/scripts.md'].flatMap((file) => {
  const blocks = readFileSync(join(REPOSITORY, file), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)
  return [...blocks].flatMap(([, code = '']) => (code.includes('gql(') ? [code] : []))
})

const samples = Object.fromEntries(SAMPLES.map((code, index) => [`scripts/sample${index}.ts`, code]))

typed('a document gives any before a pull, also in the README', async () => {
  const before = RIGHT.replace(/same<(?!typeof untyped).*>\(\)/g, 'true')
  assert.is(SAMPLES.length, 2)
  const any = "import { gql, wfg } from '#wfg'\nexport const x: 1 = (await wfg(gql('{ a }'), { b: 1 })).c.d"
  await compiled({ ...samples, 'scripts/a.ts': before, 'scripts/b.ts': any }, async (compile) =>
    assert.is(await compile(), ''),
  )
})

typed(
  "after a pull it has the schema's types, of thousands, and one that does not fit is a compile error on its line",
  async () => {
    const lines = WRONG.map(([line]) => `;${line}\n`)
    await compiled(
      {
        ...pulled(),
        ...samples,
        'scripts/right.ts': RIGHT,
        'scripts/a.ts': `import { gql, wfg } from '#wfg'\n${lines.join('')}`,
      },
      async (compile) => {
        const output = await compile()
        const found = output.split(/^scripts\/a\.ts\((?=\d)/m).slice(1)
        const files = [...output.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, file]) => file)
        assert.equal([...new Set(files)], ['scripts/a.ts'], output)
        assert.is(found.length, WRONG.length, found.join('\n'))
        WRONG.forEach(([line, told], index) => {
          assert.is(Number.parseInt(found[index]!, 10), index + 2)
          assert.ok(found[index]!.includes(told), `${line}\n${found[index]}`)
        })
      },
    )
  },
)

// --- internal ---

function pulled(): Record<string, string> {
  return {
    'scripts/.schema/default.d.ts': typesText('default', buildSchema(SCHEMA)),
    'scripts/.schema/_gql.d.ts': choiceText('default'),
  }
}

async function compiled(
  files: Readonly<Record<string, string>>,
  check: (compile: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const options = JSON.parse(readFileSync(join(REPOSITORY, 'tsconfig.json'), 'utf8'))
  const compilerOptions = { ...options.compilerOptions, noUnusedLocals: false }
  const include = options.include.filter((path: string) => path.startsWith('scripts'))
  const made: Project = project({ 'tsconfig.json': JSON.stringify({ compilerOptions, include }), ...files })
  try {
    await check(() => tsc(made.dir))
  } finally {
    rmSync(made.dir, { recursive: true, force: true })
  }
}

function tsc(cwd: string): Promise<string> {
  const bin = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = process.versions['deno'] ? [...runtimeArgs(bin), bin] : [bin]
  return new Promise((resolve) => {
    // Side by side, and while it looks for memory that is free again, it would take more of the processors.
    execFile(
      process.execPath,
      [...args, '--pretty', 'false', '--singleThreaded'],
      { cwd, env: { ...process.env, GOGC: 'off' } },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    )
  })
}

typed.run()
