/** Variables as a server gets them. */
import { isUpload } from '../document/file.ts'

/** The value as JSON sends it, but with its files: a `Date` is a text, and what is undefined is not there. */
export function asSent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isUpload(value)) return value
  if ('toJSON' in value) return JSON.parse(JSON.stringify(value) ?? 'null')
  if (Array.isArray(value)) return value.map((item) => asSent(item) ?? null)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, asSent(member)]))
}
