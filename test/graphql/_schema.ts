/** A schema with every kind of type. */
import type { Variables } from '../../runtime/graphql/client/options.ts'
import { type Operation, readOperation } from '../../runtime/graphql/document/operation.ts'
import { readSchema } from '../../runtime/graphql/schema/definition.ts'

export const SDL = `
scalar DateTime
scalar Upload
scalar Money
enum State { OPEN CLOSED }
interface Named { name: String }
union Owner = User | Group
type Query {
  viewer: User
  request(number: Int!): Request!
  found(text: String): [Named!]!
}
type Mutation {
  create(input: CreateInput!, state: State, at: DateTime, files: [Upload!]): CreatePayload!
  remove(number: Int!): Boolean
}
type CreatePayload { request: Request owners: [Owner!]! tags: [String] labels: [String!]! }
type Request implements Named {
  id: ID! name: String number: Int! state: State! urgent: Boolean! openedAt: DateTime! closedAt: DateTime
  price: Money! rate: Float owner: Owner requester: User! grid: [[Int!]!]!
}
type User implements Named { id: ID! name: String userName: String! }
type Group implements Named { name: String members(first: Int): [User!] }
input CreateInput { name: String! items: [ItemInput!] state: State pick: PickInput }
input ItemInput { number: Int! size: Int! = 1 }
input PickInput @oneOf { id: ID name: String }
`

export const SCHEMA = readSchema(SDL)

export function asked(document: string, variables: Variables = {}): { operation: Operation; variables: Variables } {
  return { operation: readOperation(document), variables }
}
