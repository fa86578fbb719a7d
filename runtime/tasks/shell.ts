import type { ScriptContext } from './define.ts'
export function createShell(_h: unknown, _o: unknown): ScriptContext<unknown>['$'] {
  throw new Error('later')
}
