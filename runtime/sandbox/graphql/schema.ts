/**
 * The schema that the sandbox serves, as text with its marks. It is reconstructed from public samples and pages, not from
 * a server: a name followed by "# assumed" is a guess, and "unverified" or "guessed" marks a detail (a type, a nullability,
 * an argument) of a name that is known. A real server has more, and customers extend it; read a real one at
 * `<endpoint>/schema`.
 */

/** The mutations' payloads may be null unless `nonNullPayloads`. */
export function schemaText(nonNullPayloads: boolean): string {
  return nonNullPayloads ? SCHEMA.replace(/^( {2}\w+\(input: \w+Input!\): \w+Payload)/gm, '$1!') : SCHEMA
}

// --- internal ---

const SCHEMA = `# WorkflowGen GraphQL API, PARTIAL: what a stand-in server (the wfg sandbox) answers, not what a real server has.
# "# assumed" marks a guessed name; "unverified" and "guessed" mark an unknown detail of a known one.
# The letters name the kind of public evidence: T vendor's templates, A vendor's documentation, F vendor's forum,
# C a published multipart request, P and W programs of users.

schema {
  query: Query
  mutation: Mutation # root type name unverified
}

scalar DateTime # T,P,W: variable type name "DateTime"; output like 2018-12-24T21:30:18.113Z (F)
scalar Upload # C,W: graphql-multipart-request-spec upload, declared nullable by clients

# ---------------------------------------------------------------- root query
type Query {
  viewer: User # T,A (return type User unverified)
  requests(page: PageInput, filter: RequestsFilterInput, orderBy: RequestsOrderInput): RequestConnection # P (orderBy argument guessed)
  actions(page: PageInput, filter: ActionsFilterInput, orderBy: ActionsOrderInput): ActionConnection # P,F (orderBy argument guessed)
  users(page: PageInput, filter: UsersFilterInput): UserConnection # P (filter argument guessed)
  node(id: ID!): Node # assumed
  request(id: ID, number: Int): Request # assumed
  action(id: ID, requestNumber: Int, number: Int): Action # assumed
  user(id: ID, userName: String): User # assumed (only seen in generic express-graphql prose)
  process(id: ID, name: String, version: Int): Process # assumed
  processes(page: PageInput): ProcessConnection # assumed
}

interface Node { # assumed
  id: ID! # assumed
}

# ---------------------------------------------------------------- paging / filters
input PageInput { # type name unverified; clients only pass an inline object
  number: Int # T,P  1-based
  size: Int # T,P
}

input RequestsFilterInput { # type name unverified
  createdSince: DateTime # P
  processName: String # assumed
  status: RequestStatus # assumed
}

input ActionsFilterInput { # type name unverified
  createdSince: DateTime # T (under viewer), P (root)
  requestNumber: Int # F
  processName: String # assumed
  status: ActionStatus # assumed
}

input UsersFilterInput { # assumed
  userName: String # assumed
}

input DatasetFilterInput { # type name unverified
  names: [String!] # P (inner nullability unverified)
}

input RequestsOrderInput { # assumed
  field: String # assumed
  direction: String # assumed
}

input ActionsOrderInput { # assumed
  field: String # assumed
  direction: String # assumed
}

type RequestConnection { # type name unverified
  totalCount: Int # P
  hasNextPage: Boolean # P
  hasPreviousPage: Boolean # assumed here, evidenced on the action connection (T)
  items: [Request] # P
}

type ActionConnection { # type name unverified
  totalCount: Int # T,P
  hasNextPage: Boolean # T,P
  hasPreviousPage: Boolean # T
  items: [Action] # T,P,F
}

type UserConnection { # type name unverified
  totalCount: Int # P
  hasNextPage: Boolean # P
  hasPreviousPage: Boolean # assumed
  items: [User] # P
}

type ProcessConnection { # assumed
  totalCount: Int # assumed
  hasNextPage: Boolean # assumed
  hasPreviousPage: Boolean # assumed
  items: [Process] # assumed
}

type DataConnection { # type name unverified
  totalCount: Int # assumed
  hasNextPage: Boolean # assumed
  hasPreviousPage: Boolean # assumed
  items: [Data] # P
}

# ---------------------------------------------------------------- objects
type User implements Node { # T: fragment "on User"; "implements Node" unverified
  id: ID! # T,P; W: base64("User:" + numeric id); non-null unverified
  userName: String # T,P,F,A
  firstName: String # T,P,F,A
  lastName: String # T,P,F,A
  email: String # P
  isActive: Boolean # P (type unverified)
  department: String # P
  defaultLanguage: String # T (under viewer)
  actions(page: PageInput, filter: ActionsFilterInput): ActionConnection # T (under viewer)
  requests(page: PageInput, filter: RequestsFilterInput): RequestConnection # assumed
}

type Request implements Node { # type name and "implements Node" unverified
  id: ID! # P; non-null unverified; base64("Request:<n>") guessed
  number: Int # C,P; W: equals the process instance id
  description: String # P
  status: RequestStatus # P (field name); enum type unverified
  subStatus: RequestSubStatus # assumed (CLI sample has requestSubStatus)
  isTest: Boolean # assumed
  openedAt: DateTime # P
  closedAt: DateTime # P (null while open)
  limit: DateTime # assumed here, evidenced on Action
  requester: User # P
  process: Process # assumed
  actions(page: PageInput, filter: ActionsFilterInput): ActionConnection # P (args unverified)
  dataset(filter: DatasetFilterInput): DataConnection # P
}

type Action implements Node { # type name and "implements Node" unverified
  id: ID! # T,P; non-null unverified
  number: Int # F
  name: String # P,F
  description: String # P
  status: ActionStatus # P (field name); enum type unverified
  openedAt: DateTime # P
  updatedAt: DateTime # P
  closedAt: DateTime # P,F (null while open)
  limit: DateTime # P (field name); type unverified
  initiator: User # T
  assignee: User # T,P,F (nullable: P handles null)
  activity: Activity # T
  request: Request # P
  dataset(filter: DatasetFilterInput): DataConnection # P
}

type Activity implements Node { # type name and "implements Node" unverified
  id: ID! # T
  name: String # T
  description: String # T
  hasQuickApproval: Boolean # T
  process: Process # T
}

type Process implements Node { # type name and "implements Node" unverified
  id: ID! # assumed
  name: String # T
  version: Int # assumed (createRequest takes processVersion)
  description: String # assumed
}

type Data { # type name unverified (one entry of a request/action dataset)
  id: ID # P
  name: String # P
  description: String # P
  dataType: DataType # assumed
  textValue: String # P
  numericValue: Float # assumed on output, evidenced on input (W)
  dateTimeValue: DateTime # assumed on output, evidenced on input (W)
  fileValue: File # assumed on output, evidenced on input (C,W)
}

type File { # assumed
  name: String # assumed on output, evidenced on FileInput (W)
  contentType: String # assumed on output, evidenced on FileInput (W)
  size: Float # assumed on output, evidenced on FileInput (W)
  updatedAt: DateTime # assumed on output, evidenced on FileInput (W)
  url: String # assumed on output, evidenced on FileInput (W)
  content: String # assumed
}

# ---------------------------------------------------------------- enums
enum RequestStatus { # assumed (enum vs string unknown)
  OPEN # assumed
  CLOSED # value seen as CLI "requestStatus"
}

enum RequestSubStatus { # assumed
  COMPLETED # value seen as CLI "requestSubStatus"
  CANCELLED # assumed
  ABORTED # assumed
}

enum ActionStatus { # assumed
  OPEN # assumed
  CLOSED # assumed
}

enum DataType { # assumed as a GraphQL enum; the four values are database type ids (W) and docs types
  TEXT
  NUMERIC
  DATETIME
  FILE
}

# ---------------------------------------------------------------- mutations
type Mutation {
  createRequest(input: CreateRequestInput!): CreateRequestPayload # C
  updateRequestDataset(input: UpdateRequestDatasetInput!): UpdateRequestDatasetPayload # W
  completeAction(input: CompleteActionInput!): CompleteActionPayload # assumed name (capability in webhook and MCP docs)
  assignAction(input: AssignActionInput!): AssignActionPayload # assumed name (capability in MCP docs)
  cancelRequest(input: CancelRequestInput!): CancelRequestPayload # assumed
}

input CreateRequestInput { # type name unverified
  processName: String # C
  processVersion: Int # C
  parameters: [ParameterInput!] # C (inner nullability unverified)
  processId: ID # assumed
  isTest: Boolean # assumed
  clientMutationId: String # assumed here, evidenced as a payload field (W)
}

type CreateRequestPayload { # type name unverified
  request: Request # C
  clientMutationId: String # assumed here, evidenced on updateRequestDataset (W)
}

input UpdateRequestDatasetInput { # type name unverified
  number: Int # W  request number = ID_PROCESS_INST
  parameters: [ParameterInput!] # W; each "name" is the process DATA name
  id: ID # assumed
  clientMutationId: String # assumed
}

type UpdateRequestDatasetPayload { # type name unverified
  clientMutationId: String # W
  request: Request # assumed
}

input ParameterInput { # type name unverified; shared by both mutations
  name: String! # C,W (non-null unverified)
  textValue: String # W
  numericValue: Float # W
  dateTimeValue: DateTime # W
  fileValue: FileInput # C,W
}

input FileInput { # W: type name "FileInput" is declared literally in a variable definition
  upload: Upload # C,W
  name: String # W (type unverified)
  contentType: String # W (type unverified)
  size: Float # W sends an integer byte count (type unverified)
  updatedAt: DateTime # W sends ISO-8601 UTC "O" format (type unverified)
  url: String # W sends a file:/// URI (type unverified)
  content: String # assumed (inline base64)
}

input CompleteActionInput { # assumed
  id: ID # assumed
  requestNumber: Int # assumed
  number: Int # assumed
  parameters: [ParameterInput!] # assumed
  clientMutationId: String # assumed
}

type CompleteActionPayload { # assumed
  action: Action # assumed
  clientMutationId: String # assumed
}

input AssignActionInput { # assumed
  id: ID # assumed
  requestNumber: Int # assumed
  number: Int # assumed
  assigneeUserName: String # assumed
  clientMutationId: String # assumed
}

type AssignActionPayload { # assumed
  action: Action # assumed
  clientMutationId: String # assumed
}

input CancelRequestInput { # assumed
  id: ID # assumed
  number: Int # assumed
  clientMutationId: String # assumed
}

type CancelRequestPayload { # assumed
  request: Request # assumed
  clientMutationId: String # assumed
}
`
