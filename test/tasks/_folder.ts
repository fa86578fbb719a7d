/** Real files for a test, in a folder that is gone afterwards. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { removeFolder } from '../_cli.ts'

/**
 * Makes the files (path relative to the folder, content), and removes the folder when `action` is over.
 *
 * @param folder is removed in the end; default: a new empty one
 */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  action: (folder: string, tasksUrl: string) => unknown,
  folder = mkdtempSync(join(tmpdir(), 'wfg-test-')),
): Promise<void> {
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content, { mode: path.startsWith('.env') ? 0o600 : 0o644 })
    }
    await action(folder, pathToFileURL(join(folder, 'tasks.ts')).href)
  } finally {
    removeFolder(folder)
  }
}
