/**
 * The compile errors of a typed document: unknown types, fields, arguments and variables, and missing arguments. Types only.
 * `schema check` finds everything else.
 *
 * Each type below gives a sentence for every problem, or `never`. The nodes of a list are passed as a union, whose members
 * a conditional type takes one by one.
 */
export type Problem<Schema, Document> = Schema extends { types: infer Types }
  ? Document extends { definitions: readonly (infer Definition)[] }
    ? DefinitionProblem<Schema, Types, Definition>
    : never
  : never

// --- internal ---

type DefinitionProblem<Schema, Types, Definition> = Definition extends {
  operation: infer Operation extends keyof Schema & string
  variableDefinitions: readonly (infer Variable)[]
  selectionSet: { selections: readonly (infer Selection)[] }
}
  ? [Schema[Operation]] extends [never]
    ? `The schema has no ${Operation}.`
    : VariableProblem<Types, Variable> | SelectionProblem<Types, Schema[Operation], Selection, VariableName<Variable>>
  : Definition extends { typeCondition: infer Type; selectionSet: { selections: readonly (infer Selection)[] } }
    ? SelectionProblem<Types, NameOf<Type>, Selection, string>
    : never

type NameOf<Node> = Node extends { name: { value: infer Name extends string } } ? Name : never

type VariableName<Variable> = Variable extends { variable: infer Node } ? NameOf<Node> : never

type VariableProblem<Types, Variable> = Variable extends { type: infer Type }
  ? NamedType<Type> extends keyof Types | BuiltIn
    ? never
    : `Unknown type "${NamedType<Type>}" of the variable "$${VariableName<Variable>}".`
  : never

type BuiltIn = 'ID' | 'Boolean' | 'String' | 'Float' | 'Int'

/** The name in `[Name!]!`. */
type NamedType<Type> = Type extends { type: infer Inner } ? NamedType<Inner> : NameOf<Type>

type SelectionProblem<Types, Type, Selection, Variables> = Selection extends {
  name: { value: infer Name extends string }
  arguments: readonly (infer Argument)[]
  selectionSet: infer Set
}
  ? Name extends '__typename' | '__schema' | '__type'
    ? never
    : Name extends keyof FieldsOf<Types, Type>
      ? FieldProblem<Types, `${Type & string}.${Name}`, FieldsOf<Types, Type>[Name], Argument, Set, Variables>
      : `Cannot query field "${Name}" on type "${Type & string}".`
  : Selection extends { typeCondition: infer Condition; selectionSet: { selections: readonly (infer Inner)[] } }
    ? SelectionProblem<Types, Condition extends object ? NameOf<Condition> : Type, Inner, Variables>
    : never

type FieldsOf<Types, Type> = Type extends keyof Types
  ? Types[Type] extends { fields: infer Fields }
    ? Fields
    : object
  : object

type FieldProblem<Types, Path extends string, Field, Argument, Set, Variables> =
  | ArgumentProblem<Types, Path, ArgsOf<Field>, Argument, Variables>
  | MissingArgument<Path, ArgsOf<Field>, NameOf<Argument>>
  | (Set extends { selections: readonly (infer Selection)[] }
      ? Field extends { type: infer Type }
        ? SelectionProblem<Types, TypeName<Type>, Selection, Variables>
        : never
      : never)

type ArgsOf<Field> = Field extends { args: infer Args } ? Args : object

type TypeName<Type> = Type extends { ofType: infer Inner extends object }
  ? TypeName<Inner>
  : Type extends { name: infer Name }
    ? Name
    : never

type ArgumentProblem<Types, Path extends string, Args, Argument, Variables> = Argument extends { value: infer Value }
  ? NameOf<Argument> extends keyof Args
    ? ValueProblem<Types, Bare<Args[NameOf<Argument>]>, Value, Variables>
    : `Unknown argument "${NameOf<Argument>}" on field "${Path}".`
  : never

/** `Name` for the text `[Name!]!`. */
type Bare<Type> = Type extends `${infer Inner}!` ? Bare<Inner> : Type extends `[${infer Inner}]` ? Bare<Inner> : Type

type MissingArgument<Path extends string, Args, Given> = {
  [Name in keyof Args]: Args[Name] extends `${string}!`
    ? Name extends Given
      ? never
      : `Field "${Path}" needs the argument "${Name & string}".`
    : never
}[keyof Args]

/** A variable that is not declared, or an unknown field in an object. */
type ValueProblem<Types, Type, Value, Variables> = Value extends { name: object }
  ? NameOf<Value> extends Variables
    ? never
    : `Variable "$${NameOf<Value>}" is not declared.`
  : Value extends { fields: readonly (infer Field)[] }
    ? InputFieldProblem<Types, Type, Field, Variables>
    : Value extends { values: readonly (infer Item)[] }
      ? ValueProblem<Types, Type, Item, Variables>
      : never

type InputFieldProblem<Types, Type, Field, Variables> = Field extends { value: infer Value }
  ? NameOf<Field> extends keyof InputFields<Types, Type>
    ? ValueProblem<Types, InputFields<Types, Type>[NameOf<Field>], Value, Variables>
    : InputFields<Types, Type> extends Record<string, never>
      ? never
      : `Field "${NameOf<Field>}" is not defined by type "${Type & string}".`
  : never

/** Name of the type by name of the field. */
type InputFields<Types, Type> = Type extends keyof Types
  ? Types[Type] extends { inputFields: infer Fields extends readonly { name: string; type: unknown }[] }
    ? { [Field in Fields[number] as Field['name']]: TypeName<Field['type']> }
    : Record<string, never>
  : Record<string, never>
