/** Checks every GraphQL document of the scripts against a schema, without running one. */
import { type Dirent, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { quotedPath } from '../core/visible.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { fileAnnotation } from '../tasks/run/github_actions.ts'
import { checkDocuments, type Finding } from './check_documents.ts'
import { findDocuments } from './find_documents.ts'
import { namedSchema, profileSchema } from './schema_source.ts'

/**
 * Prints the findings. The exit code is 1 if one is an error; deprecated fields are warnings.
 *
 * @param against a file, an address or a profile. Default: the schema that was pulled for the profile
 */
export async function checkScripts(call: CommandCall, against: string | undefined, isJson: boolean): Promise<void> {
  const { host } = call
  const { schema, name } = against === undefined ? profileSchema(call) : await namedSchema(call, against)
  const found = findDocuments(scriptFiles(call))
  const findings = checkDocuments(found, schema)
  const shown = findings.map((finding) => ({
    ...finding,
    file: relative(host.cwd(), finding.path).replaceAll('\\', '/'),
  }))
  if (isJson) {
    const rows = shown.map(({ file, line, column, severity, rule, message, suggestion = null }) => ({
      file,
      line,
      column,
      severity,
      rule,
      message,
      suggestion,
    }))
    await host.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  } else {
    const lines = shown.map((finding) => `${finding.file}:${finding.line}:${finding.column} ${textOf(finding)}\n`)
    await host.stdout.write(`${lines.join('')}${summaryOf(found.documents.length, name, findings)}\n`)
  }
  await host.stderr.writeAsIs(
    shown
      .map((finding) => fileAnnotation(host, { ...finding, title: finding.rule, text: sentenceOf(finding) }))
      .join(''),
  )
  if (findings.some(({ severity }) => severity === 'error')) host.setExitCode(1)
}

/** The files of `scripts/` that may hold documents, and scripts that are registered elsewhere. */
export function scriptFiles({ registry }: Pick<CommandCall, 'registry'>): string[] {
  const registered = [...registry.tasks.values()].flatMap(({ script }) => script ?? [])
  return [...new Set([...filesBelow(join(registry.directory, 'scripts')), ...registered])].sort()
}

// --- internal ---

const HOLDS_DOCUMENTS = /(?<!\.d|\.test)\.(?:[mc]?[tj]s|graphql|gql)$/

function filesBelow(folder: string): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^\.|^node_modules$/.test(entry.name) ? [] : filesBelow(path)
    return HOLDS_DOCUMENTS.test(entry.name) ? [path] : []
  })
}

function textOf(finding: Finding): string {
  return `${finding.severity} ${finding.rule}: ${sentenceOf(finding)}`
}

function sentenceOf({ message, suggestion }: Finding): string {
  return suggestion === undefined ? message : `${message} ${suggestion}`
}

function summaryOf(documents: number, name: string, findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) =>
    counted(findings.filter((each) => each.severity === severity).length, severity)
  const found = findings.length === 0 ? 'all fit' : `${count('error')}, ${count('warning')}`
  return `${counted(documents, 'document')} against ${quotedPath(name)}: ${found}.`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
