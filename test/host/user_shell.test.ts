import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  packageProgram,
  posixWord,
  typedVariable,
  typedWord,
  userShell,
  windowsWord,
} from '../../runtime/host/user_shell.ts'
import { notRun } from '../_not_run.ts'

const shells = suite('host/user_shell')

const WINDOWS = process.platform === 'win32'
const MACHINE = 'C:\\Program Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules'

const TEXTS = [
  '',
  'a',
  'a b',
  "it's",
  '"q"',
  'a "b c"',
  'C:\\a b\\',
  '\\',
  '*',
  '~',
  '#x',
  '-n',
  'ü€😀',
  '^',
  '&',
  'R&D <x>',
  "''",
]
const OF_SH = [...TEXTS, '$HOME', '`x`', 'a\nb', '!', '%', '%PATH%']

shells('userShell() is what the environment tells on Windows, and a POSIX shell elsewhere', () => {
  const user = 'C:\\Users\\Zoë\\OneDrive - Acme\\Documents\\WindowsPowerShell\\Modules'
  const cases: [platform: string, env: Record<string, string>, expected: string][] = [
    ['linux', { PSModulePath: `${user};${MACHINE}` }, 'posix'],
    ['win32', {}, 'cmd'],
    ['win32', { PSModulePath: MACHINE }, 'cmd'],
    [
      'win32',
      { PSModulePath: `${MACHINE};C:\\Program Files (x86)\\Microsoft SQL Server\\150\\Tools\\PowerShell\\Modules\\` },
      'cmd',
    ],
    ['win32', { PSModulePath: `${user};${MACHINE}` }, 'powershell'],
    [
      'win32',
      { PSModulePath: `${user.replace('WindowsP', 'P')};c:\\program files\\powershell\\7\\Modules;${MACHINE}` },
      'powershell',
    ],
    ['win32', { PSModulePath: `\\\\files\\zoe\\Dokumente\\PowerShell\\Modules;${MACHINE}` }, 'powershell'],
    ['win32', { PSModulePath: `${user};${MACHINE}`, MSYSTEM: 'MINGW64' }, 'posix'],
  ]
  for (const [platform, env, expected] of cases) assert.is(userShell(platform, env), expected, JSON.stringify(env))
})

shells('the file can be loaded on Windows', async () => {
  const { platform } = process
  Object.defineProperty(process, 'platform', { value: 'win32' })
  try {
    const loaded: typeof import('../../runtime/host/user_shell.ts') = await import(
      `../../runtime/host/user_shell.ts?${'win32'}`
    )
    assert.is(loaded.typedVariable('A', '1'), loaded.typedVariable('A', '1', loaded.userShell()))
    assert.is.not(loaded.userShell(), 'posix')
  } finally {
    Object.defineProperty(process, 'platform', { value: platform })
  }
})

shells('packageProgram() ends with .cmd in PowerShell, which may refuse to run scripts', () => {
  assert.is(packageProgram('npx', 'powershell'), 'npx.cmd')
  assert.is(packageProgram('npm', 'cmd'), 'npm')
  assert.is(packageProgram('npx', 'posix'), 'npx')
})

shells('typedWord() adds quotes only where the shell needs them', () => {
  const cases: [text: string, posix: string, powershell: string, cmd: string][] = [
    ['scripts/a.ts', 'scripts/a.ts', 'scripts/a.ts', 'scripts/a.ts'],
    ['C:\\my files\\a.csv', "'C:\\my files\\a.csv'", '"C:\\my files\\a.csv"', '"C:\\my files\\a.csv"'],
    // npx.cmd is run by cmd, which must see quotes too.
    ['R&D', '"R&D"', `'"R&D"'`, '"R&D"'],
    ['R & D', '"R & D"', '"R & D"', '"R & D"'],
    ['„q“', '"„q“"', "'„q“'", '"„q“"'],
    ['it’s $1', "'it’s $1'", "'it’’s $1'", '"it’s $1"'],
    ['@file', '"@file"', '"@file"', '@file'],
    ['a,b', '"a,b"', '"a,b"', 'a,b'],
    ['a b\\', "'a b\\'", "'a b\\\\'", '"a b\\\\"'],
    ['$x "y" it\'s', "'$x \"y\" it'\\''s'", "'$x \\\"y\\\" it''s'", '"$x \\"y\\" it\'s"'],
  ]
  for (const [text, ...expected] of cases) {
    assert.equal([typedWord(text, 'posix'), typedWord(text, 'powershell'), typedWord(text, 'cmd')], expected)
  }
})

shells('typedVariable() is the line that each shell takes', () => {
  assert.is(typedVariable('A', "it's 1", 'posix'), "export A='it'\\''s 1'")
  assert.is(typedVariable('A', "it's 1", 'powershell'), "$env:A = 'it''s 1'")
  assert.is(typedVariable('A', "it's 1", 'cmd'), 'set "A=it\'s 1"')
})

shells('typedWord() and posixWord() are one word to /bin/sh, as it was', () => {
  if (WINDOWS) return notRun('words of a POSIX shell need /bin/sh')
  for (const quote of [posixWord, (text: string) => typedWord(text, 'posix')]) {
    const line = `printf '%s\\0' ${OF_SH.map(quote).join(' ')}`
    const { stdout } = spawnSync('/bin/sh', ['-c', line], { encoding: 'utf8' })
    assert.is(stdout, OF_SH.map((text) => `${text}\0`).join(''))
  }
})

shells('typedWord() is one word to a program that cmd starts, as it was', () => {
  if (!WINDOWS) return notRun('words of cmd need Windows')
  const program = `"${process.execPath}" -p "JSON.stringify(process.argv.slice(1))"`
  for (const quote of [windowsWord, (text: string) => typedWord(text, 'cmd')]) {
    const line = `${program} -- ${TEXTS.map(quote).join(' ')}`
    const { stdout } = spawnSync('cmd.exe', ['/d', '/s', '/c', `"${line}"`], {
      encoding: 'utf8',
      windowsVerbatimArguments: true,
    })
    assert.equal(JSON.parse(stdout), TEXTS)
  }
})

shells.run()
