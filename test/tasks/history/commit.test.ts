import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { currentCommit } from '../../../runtime/tasks/history/commit.ts'
import { temporaryFolder } from '../../_cli.ts'
import { notRun } from '../../_not_run.ts'
import { hasGit } from '../../_programs.ts'

const commit = suite('tasks/history/commit')

const ANYWHERE = { isAllowed: () => true }

function withRepository(action: (dir: string, git: (...args: string[]) => string) => void): () => void {
  return () => {
    if (!hasGit()) return notRun('what Git says needs git')
    const dir = temporaryFolder()
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false']
    const env = { PATH: process.env['PATH'], HOME: dir, GIT_CONFIG_NOSYSTEM: '1' }
    const git = (...args: string[]) =>
      execFileSync('git', [...identity, ...args], { cwd: join(dir, 'a'), env, encoding: 'utf8', stdio: 'pipe' }).trim()
    try {
      mkdirSync(join(dir, 'a', 'deep', 'er'), { recursive: true })
      git('init', '-q')
      action(join(dir, 'a'), git)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }
}

commit(
  'currentCommit() agrees with Git: on a branch, packed, detached, and in a worktree',
  withRepository((dir, git) => {
    assert.is(currentCommit(ANYWHERE, dir), undefined, 'before the first commit')
    git('commit', '-q', '--allow-empty', '-m', 'one')
    const first = git('rev-parse', 'HEAD')
    assert.is(currentCommit(ANYWHERE, dir), first)
    assert.is(currentCommit(ANYWHERE, join(dir, 'deep', 'er')), first)
    git('pack-refs', '--all')
    assert.is(currentCommit(ANYWHERE, dir), first)
    git('checkout', '-q', '-b', 'feature/x')
    git('commit', '-q', '--allow-empty', '-m', 'two')
    const second = git('rev-parse', 'HEAD')
    assert.is(currentCommit(ANYWHERE, dir), second)
    git('checkout', '-q', '--detach', first)
    assert.is(currentCommit(ANYWHERE, dir), first)
    git('worktree', 'add', '-q', '../b', 'feature/x')
    assert.is(currentCommit(ANYWHERE, join(dir, '..', 'b')), second)
  }),
)

commit(
  'currentCommit() reads only what it may, and returns only a hash',
  withRepository((dir, git) => {
    git('commit', '-q', '--allow-empty', '-m', 'one')
    assert.is(currentCommit({ isAllowed: (_right, what) => what === join(dir, 'deep') }, join(dir, 'deep')), undefined)
    writeFileSync(join(dir, '.git', 'HEAD'), 'ref: ../../../etc/passwd\n')
    assert.is(currentCommit(ANYWHERE, dir), undefined)
    rmSync(join(dir, '.git'), { recursive: true })
    writeFileSync(join(dir, '.git'), 'gitdir: /nowhere\n')
    assert.is(currentCommit(ANYWHERE, dir), undefined)
  }),
)

commit.run()
