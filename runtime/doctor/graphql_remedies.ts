/** What to do if WorkflowGen refuses a good token, or another server answers in its place. */
import {
  AuthorizationError,
  GraphQLExecutionError,
  GraphQLRequestError,
  OperationError,
  TransportError,
  type WfgError,
} from '../core/errors.ts'
import { withoutRemedy } from './step.ts'

interface GraphQLRemedy {
  readonly kind: abstract new (...args: never[]) => WfgError
  readonly status?: number | readonly [from: number, to: number]
  /** Found in the error's message. */
  readonly hint?: RegExp
  /** Only if WFG_IMPERSONATE is set. */
  readonly impersonates?: true
  readonly step: string
}

const REGISTER =
  'In WorkflowGen, Administration > Applications, there must be an application of Type "Non-interactive Client" with the Client ID of WFG_CLIENT_ID, Active checked, and an existing, active user in Impersonate username'
const IMPERSONATION =
  'The user in WFG_IMPERSONATE must exist in WorkflowGen and be active, and the user in Impersonate username of this application (Administration > Applications) must be one of the "System operations allowed users". To act as the user in Impersonate username, remove WFG_IMPERSONATE.'
const REFUSED_QUERY =
  'WorkflowGen answers GraphQL but refuses this query, for the reason above. The log of its graphql application says more.'

/** Messages of servers that refuse a token with a status other than 401. */
const REFUSED_TOKEN =
  /unauthori[sz]ed|unauthenticated|not (authori[sz]ed|authenticated|registered)|authentication (failed|required)|access denied|(invalid|expired) (access |bearer )?token|token is (invalid|expired)/i
const NOT_ACCEPTED = `${REGISTER}. If all this is so, WorkflowGen expects a different audience or issuer: compare those in the token (see "claims" above) with its settings for the identity provider.`

const REMEDIES: readonly GraphQLRemedy[] = [
  { kind: OperationError, impersonates: true, hint: /impersonat/i, step: IMPERSONATION },
  { kind: AuthorizationError, impersonates: true, status: 403, step: IMPERSONATION },
  { kind: AuthorizationError, step: NOT_ACCEPTED },
  { kind: GraphQLRequestError, hint: REFUSED_TOKEN, step: NOT_ACCEPTED },
  { kind: GraphQLExecutionError, hint: REFUSED_TOKEN, step: NOT_ACCEPTED },
  {
    kind: TransportError,
    hint: /a redirect|an HTML page titled "[^"]*(sign|log).?[io]n/i,
    step: 'A sign-in page answers. WFG_GRAPHQL_URL must be the address of the GraphQL API and end with /graphql, as in https://workflow.example.com/wfgen/graphql. On the server, the graphql application must accept bearer tokens: in IIS, turn on Anonymous Authentication for it, and put no sign-in page of a gateway in front of it.',
  },
  {
    kind: TransportError,
    status: 404,
    step: "The server has nothing at the path in WFG_GRAPHQL_URL. Set it to WorkflowGen's address followed by /graphql, as in https://workflow.example.com/wfgen/graphql.",
  },
  {
    kind: TransportError,
    status: [200, 499],
    step: 'The answer is not GraphQL. WFG_GRAPHQL_URL must be the address of the GraphQL API and end with /graphql, as in https://workflow.example.com/wfgen/graphql.',
  },
  {
    kind: TransportError,
    status: [500, 599],
    step: 'The server has an internal problem. Ask whoever runs WorkflowGen to check its graphql application in IIS and its log.',
  },
  { kind: GraphQLRequestError, step: REFUSED_QUERY },
  { kind: GraphQLExecutionError, step: REFUSED_QUERY },
]

/** @param impersonates whether WFG_IMPERSONATE is set */
export function graphqlRemedy(error: WfgError, impersonates: boolean): string | undefined {
  const row = REMEDIES.find((each) => fits(each, error, impersonates))
  return row?.step ?? error.remedy
}

// --- internal ---

function fits({ kind, status, hint, impersonates }: GraphQLRemedy, error: WfgError, doesImpersonate: boolean): boolean {
  if (!(error instanceof kind) || (impersonates && !doesImpersonate)) return false
  if (hint && !hint.test(withoutRemedy(error))) return false
  if (status === undefined) return true
  const [from, to] = typeof status === 'number' ? [status, status] : status
  const found = error instanceof OperationError ? error.status : undefined
  return found !== undefined && found >= from && found <= to
}
