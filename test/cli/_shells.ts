/** Real shells that complete a line, and what they make of it. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { promisify } from 'node:util'
import { REPOSITORY, temporaryFolder } from '../_cli.ts'

export type ShellName = 'bash' | 'zsh' | 'fish'

/** What is missing here to complete in that shell. */
export function missingFor(shell: ShellName): string | undefined {
  if (!missing.has(shell)) missing.set(shell, lookFor(shell))
  return missing.get(shell)
}

export interface Typed {
  /** Folder in which the line is typed. */
  readonly cwd: string
  /** The completion script, as it is printed. */
  readonly completion: string
  /** Read by the shell before the completion. */
  readonly before?: string
}

/** Every candidate for the last word of the line, with its description in fish. */
export async function candidatesOf(shell: ShellName, line: string, typed: Typed): Promise<string[]> {
  return (await candidatesOfEach(shell, [line], typed))[0]!
}

/** The same of several lines, one after another in one shell. */
export async function candidatesOfEach(shell: ShellName, lines: readonly string[], typed: Typed): Promise<string[][]> {
  if (shell === 'fish') return inFish(lines, typed)
  const keys = lines.map((line) => `${line}${KEYS[shell].insertAll}`)
  return (await onTerminal(shell, keys, typed)).map((completed, index) => {
    const line = lines[index]!
    const word = line.slice(line.lastIndexOf(' ') + 1)
    const inserted = completed.slice(line.length - word.length).trim()
    return inserted.split(/(?<!\\) /).map((each) => each.replaceAll('\\', ''))
  })
}

/** Each line after one press of Tab, one after another in one shell. */
export async function afterTab(shell: 'bash' | 'zsh', lines: readonly string[], typed: Typed): Promise<string[]> {
  const keys = lines.map((line) => `${line}\t`)
  return (await onTerminal(shell, keys, typed)).map((line) => line.trim())
}

// --- internal ---

const LIMIT_MS = 60_000
/** What was found of each shell. */
const missing = new Map<ShellName, string | undefined>()

function lookFor(shell: ShellName): string | undefined {
  const version = (program: string) => spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''
  if (version(shell) === '') return `the completion in ${shell} needs ${shell}`
  // Before version 3.5 it reads its user's configuration whatever it is told.
  if (shell === 'fish' && spawnSync('fish', ['--no-config', '--command', 'exit']).status !== 0) {
    return 'the completion in fish needs a fish with --no-config'
  }
  if (shell === 'fish' || version('script').includes('util-linux')) return undefined
  return `the completion in ${shell} needs \`script\` of util-linux`
}

/** Between what is said to one line and to the next. */
const NEXT = '--- next'

const SET_UP = `shown() { printf '<%s>\\nend\\n' "$1"; }\nunset HISTFILE\n`

/** Where zsh keeps what it finds among its functions, which takes half a second. */
const KEPT = join(REPOSITORY, 'node_modules', '.cache', 'wfg-test')

const KEYS = {
  bash: {
    insertAll: '\u001b*',
    // Ctrl-A goes to the line's beginning and Ctrl-E to its end, so that what is entered shows the line and does not run it.
    show: "\u0001shown '\u0005'\r",
    start: ['--noprofile', '--rcfile', 'bashrc', '-i'],
    file: 'bashrc',
    setUp: "PS1='ready> '\n",
    ready: 'ready> ',
    isSteady: false,
  },
  zsh: {
    insertAll: '\u0018a',
    // The editor has the terminal; what is typed before is lost at times.
    ready: '\u001b[?2004h',
    /** It stays in its editor when it has shown a line. */
    isSteady: true,
    // What is typed while zsh waits for a program may be lost, so the keys show the line by themselves.
    show: '',
    start: ['-i'],
    file: '.zshrc',
    setUp: `autoload -Uz compinit && compinit -u -d '${KEPT}/zcompdump'
every-match() { _main_complete; compstate[insert]=all }
zle -C all-matches complete-word every-match
show-it() { local line=$BUFFER; BUFFER=; print; shown "$line" }
press-tab() { zle expand-or-complete; show-it }
press-all() { zle all-matches; show-it }
zle -N press-tab
zle -N press-all
bindkey '^I' press-tab
bindkey '^Xa' press-all
`,
  },
} as const

/** What each of the keys has made of an empty line. */
async function onTerminal(shell: 'bash' | 'zsh', keys: readonly string[], typed: Typed): Promise<string[]> {
  const home = temporaryFolder()
  const { start, file, setUp, show, ready, isSteady } = KEYS[shell]
  mkdirSync(KEPT, { recursive: true })
  writeFileSync(join(home, file), `${SET_UP}${setUp}${typed.before ?? ''}\n${typed.completion}\n`)
  const command = [shell, ...start.map((word) => (word === file ? join(home, file) : word))].join(' ')
  try {
    const child = spawn('script', ['-qec', `stty cols 400; exec ${command}`, '/dev/null'], {
      cwd: typed.cwd,
      env: { ...environment(home), TERM: 'dumb', ZDOTDIR: home, SHELL: '/bin/sh' },
    })
    let screen = ''
    const lines: string[] = []
    const shown = new Promise<string[]>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${shell} did not answer:\n${screen}`)), LIMIT_MS)
      let typing = false
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        screen += text
        const found = typing ? /\n<(.*)>\r*\nend/.exec(screen) : null
        if (found) {
          lines.push(found[1]!)
          screen = screen.slice(found.index + found[0].length)
          typing = false
        }
        if (lines.length === keys.length) {
          clearTimeout(timer)
          resolve(lines)
        } else if (!typing && (screen.endsWith(ready) || (found && isSteady))) {
          typing = true
          child.stdin.write(`${keys[lines.length]}${show}`)
        }
      })
    })
    return await shown.finally(() => child.kill('SIGKILL'))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function inFish(lines: readonly string[], { cwd, completion, before = '' }: Typed): Promise<string[][]> {
  const home = temporaryFolder()
  try {
    const completed = lines.map((line) => `complete -C '${line}'\n`).join(`echo ${NEXT}\n`)
    const script = `${before}\n${completion}\n${completed}`
    const options = { cwd, env: environment(home), timeout: LIMIT_MS }
    const running = promisify(execFile)('fish', ['--no-config'], options)
    running.child.stdin?.end(script)
    const { stdout, stderr } = await running
    if (stderr !== '') throw new Error(stderr)
    return stdout.split(`${NEXT}\n`).map((each) => each.trim().split('\n'))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function environment(home: string): Record<string, string> {
  const PATH = process.env['PATH'] ?? ''
  return { PATH, HOME: home, LANG: 'C.UTF-8', DENO_DIR: process.env['DENO_DIR'] ?? join(homedir(), '.cache', 'deno') }
}
