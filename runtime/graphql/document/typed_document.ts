/**
 * The types of a document that `gql` is called with, after the server's schema was pulled. gql.tada makes them from the
 * document's text and the schema's types. Types only: a run loads nothing of it.
 */
import type { $tada, GraphQLTadaAPI, parseDocument, TadaDocumentNode } from 'gql.tada'
import type { DocumentNode } from 'graphql'
import type { Problem } from './document_problem.ts'
import type { Upload } from './file.ts'

declare global {
  /** The pulled schema. Without members before a pull. */
  interface WfgSchema {}
}

/** A document typed by its result and variables, compatible with `@graphql-typed-document-node/core`. */
export interface TypedDocumentNode<Result = unknown, Variables = unknown> extends DocumentNode {
  __apiType?: (variables: Variables) => Result
}

/** The type of the document itself. For a document with problems it is their text, which causes a compile error. */
export type Fitting<Source extends string> =
  IsTyped<Source> extends true ? ([ProblemOf<Source>] extends [never] ? Source : ProblemOf<Source>) : Source

/** The type that `gql` returns. An operation has its variables and result; a fragment has gql.tada's type. */
export type Typed<Source extends string, Fragments extends readonly DocumentNode[]> =
  IsTyped<Source> extends true
    ? Composed<Source, Fragments> extends TadaDocumentNode<infer Result, infer Variables, infer Fragment>
      ? Fragment extends void
        ? TypedDocumentNode<Result, Given<Variables>>
        : TypedDocumentNode<Result> & { [$tada.definition]?: Fragment }
      : DocumentNode
    : DocumentNode

// --- internal ---

/** False before a pull, for a text that the compiler does not know, and for one that gql.tada cannot read: the result is `any`. */
type IsTyped<Source extends string> = keyof WfgSchema extends never
  ? false
  : string extends Source
    ? false
    : [parseDocument<Source>] extends [never]
      ? false
      : true

type ProblemOf<Source extends string> = Problem<WfgSchema, parseDocument<Source>>

/** Scalars as JSON has them, and uploads as the client takes them. */
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
      // @ts-expect-error the type arguments fit only the last overload, which is the one used
      typeof compose<Source, Fragments>
    >
  : never

/** gql.tada's mark of a fragment. */
interface Fragment {
  // biome-ignore lint/suspicious/noExplicitAny: any types
  __apiType?: (variables: any) => unknown
  // biome-ignore lint/suspicious/noExplicitAny: the same
  [$tada.definition]?: { fragment: any; on: any; masked: any }
}

/** Optional members may be undefined too, because JSON leaves them out. */
type Given<Value> = Value extends string | number | boolean | null | undefined | Upload
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : Value extends object
      ? { [Name in keyof Value]: Given<Value[Name]> | (object extends Pick<Value, Name> ? undefined : never) }
      : Value
