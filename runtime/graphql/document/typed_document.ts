/**
 * What the compiler knows of a document that `gql` is called with, once the server's schema was pulled: types only, made
 * by gql.tada's from the document's text and the schema's types. Nothing of it is there when a script runs.
 */
import type { $tada, GraphQLTadaAPI, parseDocument, TadaDocumentNode } from 'gql.tada'
import type { DocumentNode } from 'graphql'
import type { Problem } from './document_problem.ts'
import type { Upload } from './file.ts'

declare global {
  /** The schema that was pulled; without members before that. */
  interface WfgSchema {}
}

/** A document whose result and variables are known to the compiler; the shape of `@graphql-typed-document-node/core`. */
export interface TypedDocumentNode<Result = unknown, Variables = unknown> extends DocumentNode {
  __apiType?: (variables: Variables) => Result
}

/** The document itself, or, as a type that nothing fits, what is wrong with it. */
export type Fitting<Source extends string> =
  IsTyped<Source> extends true ? ([ProblemOf<Source>] extends [never] ? Source : ProblemOf<Source>) : Source

/** A fragment stays what gql.tada composes; an operation has its variables and its result. */
export type Typed<Source extends string, Fragments extends readonly DocumentNode[]> =
  IsTyped<Source> extends true
    ? Composed<Source, Fragments> extends TadaDocumentNode<infer Result, infer Variables, infer Fragment>
      ? Fragment extends void
        ? TypedDocumentNode<Result, Given<Variables>>
        : TypedDocumentNode<Result> & { [$tada.definition]?: Fragment }
      : DocumentNode
    : DocumentNode

// --- internal ---

/** Nothing was pulled, the text is not known to the compiler, or gql.tada cannot read it: then it is `any`, as ever. */
type IsTyped<Source extends string> = keyof WfgSchema extends never
  ? false
  : string extends Source
    ? false
    : [parseDocument<Source>] extends [never]
      ? false
      : true

type ProblemOf<Source extends string> = Problem<WfgSchema, parseDocument<Source>>

/** As JSON holds them; of an upload, what the client sends. */
interface Scalars {
  ID: { name: 'ID'; type: string }
  Boolean: { name: 'Boolean'; type: boolean }
  String: { name: 'String'; type: string }
  Float: { name: 'Float'; type: number }
  Int: { name: 'Int'; type: number }
  DateTime: { name: 'DateTime'; type: string }
  Upload: { name: 'Upload'; type: Upload }
}

type SchemaMembers = WfgSchema & { name: never; query: string; mutation: string; subscription: string; types: object }

interface Schema {
  name: never
  query: SchemaMembers['query']
  mutation: SchemaMembers['mutation']
  subscription: SchemaMembers['subscription']
  types: Scalars & SchemaMembers['types']
}

declare const compose: GraphQLTadaAPI<Schema, { isMaskingDisabled: true }>

type Composed<Source extends string, Fragments> = Fragments extends readonly Fragment[]
  ? ReturnType<
      // @ts-expect-error type arguments are held against every overload; the last, which is meant, takes them
      typeof compose<Source, Fragments>
    >
  : never

/** As gql.tada tells a fragment. */
interface Fragment {
  // biome-ignore lint/suspicious/noExplicitAny: whatever it is typed with
  __apiType?: (variables: any) => unknown
  // biome-ignore lint/suspicious/noExplicitAny: the same
  [$tada.definition]?: { fragment: any; on: any; masked: any }
}

/** What may be left out may be undefined as well, which JSON leaves out. */
type Given<Value> = Value extends string | number | boolean | null | undefined | Upload
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : Value extends object
      ? { [Name in keyof Value]: Given<Value[Name]> | (object extends Pick<Value, Name> ? undefined : never) }
      : Value
