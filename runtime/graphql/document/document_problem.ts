/**
 * What is wrong with a document, told by the compiler: the first field or argument that the schema does not have, or an
 * argument that is missing. Types only. `schema check` tells the rest, and tells all at once.
 */

/** A sentence; never for a document that fits as far as this looks. */
export type Problem<Schema, Document> = Schema extends { types: infer Types }
  ? Document extends { definitions: infer Definitions }
    ? DefinitionsProblem<Schema, Types, Definitions>
    : never
  : never

// --- internal ---

/** The first problem of a list, each judged by what follows. */
type DefinitionsProblem<Schema, Types, Definitions> = Definitions extends readonly [infer First, ...infer Rest]
  ? Either<DefinitionProblem<Schema, Types, First>, DefinitionsProblem<Schema, Types, Rest>>
  : never

type Either<First, Rest> = [First] extends [never] ? Rest : First

type DefinitionProblem<Schema, Types, Definition> = Definition extends {
  operation: infer Operation
  variableDefinitions: infer Variables
  selectionSet: { selections: infer Selections }
}
  ? Operation extends keyof Schema
    ? [Schema[Operation]] extends [never]
      ? `The schema has no ${Operation & string}.`
      : Either<
          VariablesProblem<Types, Variables>,
          SelectionsProblem<Types, Schema[Operation], Selections, NameOf<Variables>>
        >
    : never
  : Definition extends {
        typeCondition: { name: { value: infer Type } }
        selectionSet: { selections: infer Selections }
      }
    ? SelectionsProblem<Types, Type, Selections, string>
    : never

type NameOf<Variables> = Variables extends readonly (infer One)[]
  ? One extends { variable: { name: { value: infer Name } } }
    ? Name
    : never
  : never

type VariablesProblem<Types, Variables> = Variables extends readonly [infer First, ...infer Rest]
  ? First extends { variable: { name: { value: infer Name } }; type: infer Type }
    ? NamedType<Type> extends keyof Types | BuiltIn
      ? VariablesProblem<Types, Rest>
      : `Unknown type "${NamedType<Type> & string}" of the variable "$${Name & string}".`
    : never
  : never

type BuiltIn = 'ID' | 'Boolean' | 'String' | 'Float' | 'Int'

type NamedType<Type> = Type extends { type: infer Inner }
  ? NamedType<Inner>
  : Type extends { name: { value: infer Name } }
    ? Name
    : never

type SelectionsProblem<Types, Type, Selections, Variables> = Selections extends readonly [infer First, ...infer Rest]
  ? Either<SelectionProblem<Types, Type, First, Variables>, SelectionsProblem<Types, Type, Rest, Variables>>
  : never

type SelectionProblem<Types, Type, Selection, Variables> = Selection extends {
  name: { value: infer Name }
  arguments: infer Arguments
  selectionSet: infer Set
}
  ? Name extends '__typename' | '__schema' | '__type'
    ? never
    : Name extends keyof FieldsOf<Types, Type>
      ? FieldProblem<Types, `${Type & string}.${Name & string}`, FieldsOf<Types, Type>[Name], Arguments, Set, Variables>
      : `Cannot query field "${Name & string}" on type "${Type & string}".`
  : Selection extends { typeCondition: infer Condition; selectionSet: { selections: infer Selections } }
    ? SelectionsProblem<
        Types,
        Condition extends { name: { value: infer Narrow } } ? Narrow : Type,
        Selections,
        Variables
      >
    : never

type FieldsOf<Types, Type> = Type extends keyof Types
  ? Types[Type] extends { fields: infer Fields }
    ? Fields
    : object
  : object

type FieldProblem<Types, Path extends string, Field, Arguments, Set, Variables> = Either<
  ArgumentsProblem<Types, Path, ArgsOf<Field>, Arguments, Variables>,
  Either<
    MissingArgument<Path, ArgsOf<Field>, Arguments>,
    Set extends { selections: infer Selections }
      ? Field extends { type: infer Type }
        ? SelectionsProblem<Types, TypeName<Type>, Selections, Variables>
        : never
      : never
  >
>

type ArgsOf<Field> = Field extends { args: infer Args } ? Args : object

type TypeName<Type> = Type extends { ofType: infer Inner extends object }
  ? TypeName<Inner>
  : Type extends { name: infer Name }
    ? Name
    : never

type ArgumentsProblem<Types, Path extends string, Args, Arguments, Variables> = Arguments extends readonly [
  infer First,
  ...infer Rest,
]
  ? First extends { name: { value: infer Name }; value: infer Value }
    ? Name extends keyof Args
      ? Either<
          ValueProblem<Types, Bare<Args[Name]>, Value, Variables>,
          ArgumentsProblem<Types, Path, Args, Rest, Variables>
        >
      : `Unknown argument "${Name & string}" on field "${Path}".`
    : never
  : never

/** `[Name!]!` without its signs. */
type Bare<Type> = Type extends `${infer Inner}!` ? Bare<Inner> : Type extends `[${infer Inner}]` ? Bare<Inner> : Type

type MissingArgument<Path extends string, Args, Arguments> = {
  [Name in keyof Args]: Args[Name] extends `${string}!`
    ? Name extends GivenNames<Arguments>
      ? never
      : `Field "${Path}" needs the argument "${Name & string}".`
    : never
}[keyof Args]

type GivenNames<Arguments> = Arguments extends readonly (infer One)[]
  ? One extends { name: { value: infer Name } }
    ? Name
    : never
  : never

/** Variables must be declared, and the fields of an object be those of its type. */
type ValueProblem<Types, Type, Value, Variables> = Value extends { name: { value: infer Name }; kind: unknown }
  ? Name extends Variables
    ? never
    : `Variable "$${Name & string}" is not declared.`
  : Value extends { fields: infer Fields }
    ? ObjectProblem<Types, Type, Fields, Variables>
    : Value extends { values: readonly [infer First, ...infer Rest] }
      ? Either<ValueProblem<Types, Type, First, Variables>, ValueProblem<Types, Type, { values: Rest }, Variables>>
      : never

type ObjectProblem<Types, Type, Fields, Variables> = Fields extends readonly [infer First, ...infer Rest]
  ? First extends { name: { value: infer Name }; value: infer Value }
    ? Name extends keyof InputFields<Types, Type>
      ? Either<
          ValueProblem<Types, InputFields<Types, Type>[Name], Value, Variables>,
          ObjectProblem<Types, Type, Rest, Variables>
        >
      : InputFields<Types, Type> extends Record<string, never>
        ? never
        : `Field "${Name & string}" is not defined by type "${Type & string}".`
    : never
  : never

/** Name of the type by name of the field. */
type InputFields<Types, Type> = Type extends keyof Types
  ? Types[Type] extends { inputFields: infer Fields extends readonly { name: string; type: unknown }[] }
    ? { [Field in Fields[number] as Field['name']]: TypeName<Field['type']> }
    : Record<string, never>
  : Record<string, never>
