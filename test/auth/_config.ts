import { type Config, readConfig } from '../../runtime/settings/config.ts'

export const SECRET = 'hush~hush & hush!'

const COMPLETE = {
  WFG_GRAPHQL_URL: 'https://workflow.example.com/wfgen/graphql',
  WFG_CLIENT_ID: 'client-1',
  WFG_CLIENT_SECRET: SECRET,
}

/** A complete configuration, except for what says where the identity provider is. */
export function configOf(values: Readonly<Record<string, string>>): Config {
  const entries = Object.entries({ ...COMPLETE, ...values })
  const settings = Object.fromEntries(entries.map(([name, value]) => [name, { value, directory: '/' }]))
  return readConfig({ profile: 'default', settings })
}
