/** What the compiler knows of scripts and calls. `tsc` is the test; what runs here only holds its place. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import type { PageItem } from '../runtime/graphql/client/wfg.ts'
import { gql } from '../runtime/graphql/document/gql.ts'
import type { TypedDocumentNode, TypedDocumentString, Wfg } from '../runtime/mod.ts'
import { defineScript } from '../runtime/script/define.ts'
import { defineTasks } from '../runtime/tasks/mod.ts'
import { fakeWfg } from '../runtime/testing/mod.ts'

const types = suite('types')

// biome-ignore lint/suspicious/noExplicitAny: any is what is claimed
type Any = any

/** Exactly the same type, `any` being none but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(..._proof: Same<A, B> extends true ? [] : ['these types differ']): void {}

const args = v.object({
  since: v.optional(v.pipe(v.string(), v.isoDate())),
  count: v.optional(v.number(), 3),
  tags: v.array(v.string()),
  day: v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
  ),
})
type Args = { since?: string | undefined; count: number; tags: string[]; day: Date }

types('args of run() are what the schema gives, for every kind of function', () => {
  defineScript({
    args,
    run({ args, wfg, signal, log, token }) {
      same<typeof args, Args>()
      same<typeof wfg, Wfg>()
      same<typeof signal, AbortSignal>()
      same<ReturnType<typeof token.get>, Promise<string>>()
      log(args.day.toISOString())
      // @ts-expect-error the schema has no such argument
      return args.until
    },
  })
  defineScript({ args, run: async ({ args }) => same<typeof args, Args>() })
  defineScript({
    args,
    async *run({ args }) {
      same<typeof args, Args>()
      yield { count: args.count }
    },
  })
  const script = defineScript({ args, positionals: ['day'], run: ({ args }) => args.count })
  same<ReturnType<typeof script.run>, number>()
})

types('args of run() are empty without a schema', () => {
  defineScript({
    run({ args }) {
      same<typeof args, Record<string, never>>()
    },
  })
})

types('a definition needs run()', () => {
  // @ts-expect-error run is missing
  assert.throws(() => defineScript({ args }))
})

interface ViewerData {
  viewer: { userName: string }
}

types('a typed document types variables and data', () => {
  const check = async (wfg: Wfg, Viewer: TypedDocumentNode<ViewerData, { id: number }>) => {
    const data = await wfg(Viewer, { id: 1 })
    same<typeof data, ViewerData>()
    const result = await wfg.execute(Viewer, { id: 1 })
    same<typeof result.data, ViewerData | null>()
    // @ts-expect-error the document declares its variable a number
    await wfg(Viewer, { id: 'one' })
  }
  assert.type(check, 'function')
})

/** As the client preset of GraphQL Code Generator writes the variables. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] }
type NoVariables = Exact<{ [key: string]: never }>

types('a document of GraphQL Code Generator without variables is called without them', () => {
  const check = async (
    wfg: Wfg,
    Node: TypedDocumentNode<ViewerData, NoVariables>,
    Text: TypedDocumentString<ViewerData, NoVariables>,
    Other: TypedDocumentNode<ViewerData, Record<string, never>>,
  ) => {
    for (const data of [await wfg(Node), await wfg(Text), await wfg(Other), await wfg(Node, {}, { timeoutMs: 1 })])
      same<typeof data, ViewerData>()
    for (const { data } of [await wfg.execute(Node), await wfg.execute(Text), await wfg.execute(Other)])
      same<typeof data, ViewerData | null>()
    // @ts-expect-error the document has no such variable
    await wfg(Node, { id: 1 })
    // @ts-expect-error the same of a text
    await wfg(Text, { id: 1 })
  }
  assert.type(check, 'function')
})

types('a text of GraphQL Code Generator types variables, data, items and outcomes', () => {
  const check = async (wfg: Wfg, Text: TypedDocumentString<PagedData, Exact<{ page: number }>>) => {
    const data = await wfg(Text, { page: 1 })
    same<typeof data, PagedData>()
    // @ts-expect-error the variable is needed
    await wfg(Text)
    // @ts-expect-error the document declares it a number
    await wfg.execute(Text, { page: 'one' })
    for await (const item of wfg.paginate(Text)) same<typeof item, { id: string; tags: { items: number[] } }>()
    for await (const { data } of wfg.bulk(Text, [{ page: 1 }])) if (data) same<typeof data, PagedData>()
  }
  assert.type(check, 'function')
})

interface PagedData {
  viewer: {
    userName: string
    actions?: { hasNextPage: boolean; items: ({ id: string; tags: { items: number[] } } | null)[] | null } | null
  } | null
}

types('a typed document types the items of its pages, and a schema does', () => {
  const check = async (wfg: Wfg, Actions: TypedDocumentNode<PagedData, { page: number; size?: number }>) => {
    for await (const item of wfg.paginate(Actions, { size: 1 }))
      same<typeof item, { id: string; tags: { items: number[] } }>()
    same<PageItem<Any>, Any>()
    same<PageItem<unknown>, Any>()
    same<PageItem<{ users: { name: string; at: Date }[]; totals: number[] }>, Any>()
    // @ts-expect-error the document has no such variable
    wfg.paginate(Actions, { count: 1 })
    const schema = v.object({ users: v.object({ items: v.array(v.object({ day: v.pipe(v.string(), v.toDate()) })) }) })
    for await (const item of wfg.paginate('{ users }', {}, { schema })) same<typeof item, { day: Date }>()
    const result = await wfg.execute('{ users }', {}, { schema })
    same<typeof result.data, { users: { items: { day: Date }[] } } | null>()
  }
  assert.type(check, 'function')
})

types('a schema types the data by its output, and without either it is any', () => {
  const check = async (wfg: Wfg) => {
    const schema = v.object({ viewer: v.pipe(v.string(), v.transform(Number)) })
    const data = await wfg('{ viewer }', {}, { schema })
    same<typeof data, { viewer: number }>()
    const text = await wfg('{ viewer }')
    same<typeof text, Any>()
    const parsed = await wfg(gql`{ viewer }`)
    same<typeof parsed, Any>()
    const tagged = await wfg`{ viewer }`
    same<typeof tagged, Any>()
    for await (const item of wfg.paginate('{ viewer }')) same<typeof item, Any>()
    // @ts-expect-error variables are an object
    await wfg('{ viewer }', 'x')
    // @ts-expect-error there is no such option
    await wfg('{ viewer }', {}, { timeout: 1 })
  }
  assert.type(check, 'function')
})

types('entries of the registry are checked', () => {
  defineTasks('file:///x/tasks.ts', {
    a: { script: './a.ts', access: 'read' },
    b: { needs: ['a'], aliases: ['bee'] },
    // @ts-expect-error access is read or write
    c: { script: './c.ts', access: 'all' },
    // @ts-expect-error there is no such member
    d: { scirpt: './d.ts' },
  })
})

types('a fake can stand where a client is wanted', () => {
  fakeWfg({}) satisfies Wfg
})

types.run()
