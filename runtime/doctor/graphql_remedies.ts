/** What to do where WorkflowGen refuses a good token, or something else answers in its place: as data. */
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
  /** Only where the script asks to act as another user (WFG_IMPERSONATE). */
  readonly impersonates?: true
  readonly step: string
}

const REGISTER =
  'In WorkflowGen, Administration > Applications, there must be an application of Type "Non-interactive Client" whose Client ID is that of WFG_CLIENT_ID, with Active checked and an existing, active user in Impersonate username'
const IMPERSONATION =
  'The user in WFG_IMPERSONATE must exist in WorkflowGen and be active, and the user in Impersonate username of this application (Administration > Applications) must be one of the "System operations allowed users". Remove WFG_IMPERSONATE to act as the latter.'
const REFUSED_QUERY =
  'WorkflowGen answers GraphQL and refuses this query, for the reason above; who runs it finds more in the log of its graphql application.'

/** In the words of a server that says it with another status than 401. */
const REFUSED_TOKEN =
  /unauthori[sz]ed|unauthenticated|not (authori[sz]ed|authenticated|registered)|authentication (failed|required)|access denied|(invalid|expired) (access |bearer )?token|token is (invalid|expired)/i
const NOT_ACCEPTED = `${REGISTER}. If all that holds, WorkflowGen expects another audience or issuer than those in the token (see "claims" above): compare them with its own settings for the identity provider.`

const REMEDIES: readonly GraphQLRemedy[] = [
  { kind: OperationError, impersonates: true, hint: /impersonat/i, step: IMPERSONATION },
  { kind: AuthorizationError, impersonates: true, status: 403, step: IMPERSONATION },
  { kind: AuthorizationError, step: NOT_ACCEPTED },
  { kind: GraphQLRequestError, hint: REFUSED_TOKEN, step: NOT_ACCEPTED },
  { kind: GraphQLExecutionError, hint: REFUSED_TOKEN, step: NOT_ACCEPTED },
  {
    kind: TransportError,
    hint: /a redirect|an HTML page titled "[^"]*(sign|log).?[io]n/i,
    step: 'A page to sign in answers, for people: WFG_GRAPHQL_URL must be the address of the GraphQL API, with /graphql at its end, as in https://workflow.example.com/wfgen/graphql; and at the server the graphql application must take bearer tokens (in IIS: Anonymous Authentication for it, and no sign-in page of a gateway before it).',
  },
  {
    kind: TransportError,
    status: 404,
    step: "There is nothing at the path in WFG_GRAPHQL_URL: it is WorkflowGen's address with /graphql at its end, as in https://workflow.example.com/wfgen/graphql.",
  },
  {
    kind: TransportError,
    status: [200, 499],
    step: 'Something else than GraphQL answers: WFG_GRAPHQL_URL must be the address of the GraphQL API, with /graphql at its end, as in https://workflow.example.com/wfgen/graphql.',
  },
  {
    kind: TransportError,
    status: [500, 599],
    step: 'The server has a problem of its own: ask who runs WorkflowGen to look at its graphql application in IIS and its log.',
  },
  { kind: GraphQLRequestError, step: REFUSED_QUERY },
  { kind: GraphQLExecutionError, step: REFUSED_QUERY },
]

/** @param impersonates whether the script asks to act as another user */
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
