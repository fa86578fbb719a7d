/** Reads the checked out commit from Git's own files. Starting Git would take longer than many a run. */
import { lstatSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Host } from '../../host/host.ts'

/** Returns the hash of HEAD; undefined if the folder is in no repository, or in one with another format of refs. */
export function currentCommit(host: Pick<Host, 'isAllowed'>, directory: string): string | undefined {
  try {
    const gitFolder = findGitFolder(host, directory)
    if (gitFolder === undefined || !host.isAllowed('read', gitFolder)) return undefined
    const head = readFileSync(join(gitFolder, 'HEAD'), 'utf8').trim()
    const [, name] = /^ref: (refs\/\S+)$/.exec(head) ?? []
    if (name === undefined) return asHash(head)
    // A worktree has its branches in the repository that it belongs to.
    const common = resolve(gitFolder, read(join(gitFolder, 'commondir'))?.trim() ?? '.')
    if (!host.isAllowed('read', common)) return undefined
    return asHash(read(join(common, name))) ?? packed(common, name)
  } catch {
    return undefined // a record is complete without it
  }
}

// --- internal ---

function findGitFolder(host: Pick<Host, 'isAllowed'>, start: string): string | undefined {
  for (let directory = start; host.isAllowed('read', directory); directory = dirname(directory)) {
    const path = join(directory, '.git')
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return path
    const [, linked] = found ? (/^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8')) ?? []) : []
    if (found) return linked === undefined ? undefined : resolve(directory, linked.trim())
    if (directory === dirname(directory)) return undefined
  }
  return undefined
}

function packed(common: string, name: string): string | undefined {
  const line = read(join(common, 'packed-refs'))
    ?.split('\n')
    .find((each) => each.endsWith(` ${name}`))
  return asHash(line?.split(' ')[0])
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function asHash(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(trimmed) ? trimmed : undefined
}
