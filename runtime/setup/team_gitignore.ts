/** The `.gitignore` of a team's own repository. */

/** Adds the missing lines. */
export function teamGitignore(before = ''): string {
  const present = before.split(/\r?\n/).map((line) => line.trim())
  const isMissing = (line: string) => !present.includes(line) && !present.includes(line.replace(/\/$/, ''))
  const missing = IGNORED.filter(isMissing)
  // An exception works only after the rule.
  if (missing.includes('.env.*') && !missing.includes('!.env.example')) missing.push('!.env.example')
  if (missing.length === 0) return before
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`
}

// --- internal ---

/** Files that hold secrets or belong to one computer. */
const IGNORED = ['node_modules/', '.wfg/', '*.partial', '*.journal.ndjson', '.env', '.env.*', '!.env.example']
