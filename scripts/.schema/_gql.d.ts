// gql(`…`) is typed by the schema of this profile; name another one that was pulled to change that.
import type { introspection } from './sandbox.d.ts'

declare global {
  interface WfgSchema extends introspection {}
}
