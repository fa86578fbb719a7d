import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { envFiles, envValues, readEnvFile } from '../../runtime/settings/env_file.ts'
import { rejects } from '../_assert.ts'
import { notRun } from '../_not_run.ts'
import { RUNTIME } from '../_runtime.ts'
import { withFolder } from '../tasks/_folder.ts'

const envFile = suite('env_file')

envFile('envFiles() lists the files with settings', () =>
  withFolder({ '.env': '', '.env.test': '', '.env.example': '', '.environment': '', 'x.env': '' }, (folder) => {
    assert.equal(envFiles(folder).toSorted(), ['.env', '.env.test'])
    assert.equal(envFiles(join(folder, 'none')), [])
  }),
)

envFile('readEnvFile() gives what the file sets, and nothing if there is no file', () =>
  withFolder({ '.env': "A=1\nB='x#y'\n" }, (folder) => {
    const { values, cut } = readEnvFile(join(folder, '.env'))
    assert.equal(
      [Object.entries(values), cut.size],
      [
        [
          ['A', '1'],
          ['B', 'x#y'],
        ],
        0,
      ],
    )
    assert.equal(Object.keys(readEnvFile(join(folder, '.env.none')).values), [])
  }),
)

/** A line of `.env`, and whether it cuts a secret short that begins with `abc`. */
const SECRET_LINES: readonly (readonly [line: string, isCut: boolean])[] = [
  ['WFG_CLIENT_SECRET=abc#def', true],
  ['WFG_CLIENT_SECRET=#abc', true],
  [' export WFG_CLIENT_SECRET = abc#def # and more', true],
  ['WFG_CLIENT_SECRET="abc"\r\nWFG_CLIENT_SECRET=abc#def', true],
  ['WFG_CLIENT_SECRET=abc # as Auth0 shows it', false],
  ['WFG_CLIENT_SECRET= # abc#def', false],
  ["WFG_CLIENT_SECRET='abc#def'", false],
  ['WFG_CLIENT_SECRET= "abc#def"', false],
  ['WFG_CLIENT_SECRET=abc#def\nWFG_CLIENT_SECRET="abc#def"', false],
  ['#WFG_CLIENT_SECRET=abc#def\nWFG_CLIENT_SECRET=abc', false],
  ['WFG_CLIENT_SECRET=abc\nWFG_SCOPE=a#b', false],
]

for (const [line, isCut] of SECRET_LINES) {
  envFile(`readEnvFile() ${isCut ? 'notices' : 'has nothing to say of'} the secret of ${JSON.stringify(line)}`, () =>
    withFolder({ '.env': line }, (folder) => {
      assert.equal([...readEnvFile(join(folder, '.env')).cut], isCut ? ['WFG_CLIENT_SECRET'] : [])
    }),
  )
}

for (const [text, lines] of [
  ['WFG_SCOPE x', 'line 1 is'],
  ['# a comment\n\nfoo\nWFG_SCOPE=a\nbar', 'lines 3, 5 are'],
  ["WFG_SCOPE='a\nb'\nfoo", 'line 3 is'],
] as const) {
  envFile(`readEnvFile() refuses what sets nothing: ${JSON.stringify(text)}`, () =>
    withFolder({ '.env': text }, async (folder) => {
      const path = join(folder, '.env')
      await rejects(() => readEnvFile(path), {
        instance: ConfigError,
        code: 'WFG_CONFIG',
        message: new RegExp(`${lines} not NAME=value`),
      })
    }),
  )
}

for (const text of [
  '',
  '\ufeffWFG_SCOPE=a\r\n\r\n  # b\r\n',
  'export WFG_SCOPE = "a\n b\n"\nX.y-z=1',
  "A='it''s'\nB=\"a 'b' c\" # d\nC=`x`",
  'A=',
]) {
  envFile(`readEnvFile() takes ${JSON.stringify(text)}`, () =>
    withFolder({ '.env': text }, (folder) => {
      readEnvFile(join(folder, '.env'))
    }),
  )
}

for (const [text, expected] of [
  ['A=1\nA=2', { A: '2' }],
  ['\n\n  A = 1 \n\n', { A: '1' }],
  ['export A=1\n export  B = 2', { A: '1', B: '2' }],
  ['A=\nB= \nC=1', { A: '', B: '', C: '1' }],
  ['# A=1\n#"\nB=2 # two\nC=a#b', { B: '2', C: 'a' }],
  ['A=\'# \\\'\nB="x\\ny"\nC=`"\'`\n', { A: '# \\', B: 'x\ny', C: '"\'' }],
  ['A="x\r\ny" z\r\nB=2\r\n', { A: 'x\ny', B: '2' }],
  ['A="x\nB=2', { A: '"x', B: '2' }],
  ['A="x # y ', { A: '"x # y' }],
  ['A==b=c', { A: '=b=c' }],
  ['no setting\nA=1', { A: '1' }],
  ['A="Z:\\new.txt"\nB="\\\\server\\new"\nC="a\\nb"', { A: 'Z:\\new.txt', B: '\\\\server\\new', C: 'a\nb' }],
] as const) {
  envFile(`envValues() of ${JSON.stringify(text)}`, () => assert.equal(envValues(text), expected))
}

/** Every text of up to `length` of these characters. */
function* texts(characters: string, length: number): Generator<string> {
  if (length === 0) return yield ''
  for (const text of texts(characters, length - 1)) for (const character of characters) yield text + character
}

envFile('envValues() gives what Node gives for any text after =', () => {
  if (RUNTIME !== 'node') return notRun('the readers of other runtimes differ from that of Node')
  for (const length of [1, 2, 3, 4]) {
    for (const value of texts('a#\'"`\\n ', length)) {
      // Node 20 keeps spaces after a quote that is not closed, and takes the line after spaces.
      if (value.endsWith(' ')) continue
      const text = `A=${value}\nB=n\n`
      assert.equal(envValues(text), { ...parseEnv(text) }, text)
    }
  }
})

envFile.run()
