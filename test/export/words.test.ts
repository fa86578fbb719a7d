import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { plainNames, yamlText } from '../../runtime/export/words.ts'
import { notRun } from '../_not_run.ts'
import { readsYaml } from '../_programs.ts'

const words = suite('cli/export/words')

const TEXTS = [
  '',
  'a',
  'a b',
  "it's",
  '"q"',
  '$HOME',
  '`x`',
  '\\',
  'a\nb',
  '*',
  '~',
  '#x',
  '-n',
  'ü€😀',
  '!',
  '%',
  "''",
]

words('yamlText() is one text to a reader of YAML', () => {
  if (!readsYaml()) return notRun('to have texts read as YAML needs Python with PyYAML')
  const program = 'import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)'
  const input = TEXTS.map((text) => `- ${yamlText(text)}\n`).join('')
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' })
  assert.is(stderr, '')
  assert.equal(JSON.parse(stdout), TEXTS)
})

words('plainNames() are short, of few characters, and each another one', () => {
  const names = ['a:b', 'a-b', '_x', 'x', 'a:b-', 'y'.repeat(80), `${'y'.repeat(80)}2`]
  const made = [...plainNames(names, 40).values()]
  assert.equal(made.slice(0, 4), ['a-b', 'a-b-2', 'x', 'x-2'])
  assert.is(new Set(made).size, names.length)
  assert.ok(
    made.every((name) => name.length <= 40 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)),
    made.join(),
  )
})

words.run()
