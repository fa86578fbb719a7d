/** Which links can be made here: none under Wine, and on Windows those of files only by some users. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export const LINKS = { folder: isMade('junction'), file: isMade('file') }

/** The reason why a test does not run. */
export const NO_LINKS = 'links cannot be made here'

// --- internal ---

function isMade(type: 'junction' | 'file'): boolean {
  if (process.platform !== 'win32') return true
  const folder = mkdtempSync(join(tmpdir(), 'wfg-link-'))
  try {
    const [target, link] = [join(folder, 'target'), join(folder, 'link')]
    if (type === 'file') writeFileSync(target, '')
    else mkdirSync(target)
    symlinkSync(target, link, type)
    return existsSync(link)
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
