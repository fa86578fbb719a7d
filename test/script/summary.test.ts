import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readSummary } from '../../runtime/script/summary.ts'
import { withFolder } from '../tasks/_folder.ts'

const summary = suite('script/summary')

const HEADER = '/** What it does. */\n'

/** What the file is like, its text, and what is read of it. */
const FILES: readonly (readonly [what: string, text: string | Uint8Array, summary: string, line: number])[] = [
  ['a doc comment stands first', `${HEADER}export default 1`, 'What it does.', 2],
  ['the first comment is not of one line', '/**\n * What it\n * does.\n *\n * More.\n */\nlet a', 'What it does.', 1],
  ['a shebang stands before it', `#!/usr/bin/env node\n${HEADER}`, 'What it does.', 1],
  ['there is a byte order mark', `\uFEFF${HEADER}`, 'What it does.', 1],
  [
    'lines end in CR LF',
    '/**\r\n * What it\r\n * does.\r\n *\r\n * More.\r\n */\r\nexport default 1',
    'What it does.',
    7,
  ],
  [
    'imports stand before it',
    `import a, { b as c } from 'x'\nimport type {\n  d,\n} from "y"\nimport 'z'\n${HEADER}`,
    'What it does.',
    1,
  ],
  ['an import has attributes', `import a from './a.json' with { type: 'json' };\n${HEADER}`, 'What it does.', 1],
  ["an import's braces hold a comment", `import {\n  a, // don't\n} from 'x'\n${HEADER}`, 'What it does.', 1],
  ['a licence stands before it', `/* Licence */\n/*! Licence */\n${HEADER}`, 'What it does.', 1],
  ['a directive stands before it', `'use strict'\n${HEADER}`, 'What it does.', 1],
  ['a comment for tools stands before it', `/** @jsxRuntime x */\n// @ts-check\n${HEADER}`, 'What it does.', 1],
  ['a doc comment follows lines', `// Lines.\n\n${HEADER}`, 'What it does.', 1],
  ['a doc comment follows code', `let a\n${HEADER}`, '', 1],
  ['a dynamic import is code', `await import('x')\n${HEADER}`, '', 1],
  ['import.meta is code', `import.meta.url\n${HEADER}`, '', 1],
  ['only lines stand first', '// What it\n// does.\n//\n// More.\nlet a', 'What it does.', 1],
  [
    'lines for tools stand first',
    '// @ts-nocheck\n// deno-lint-ignore-file\n// What it does.\nlet a',
    'What it does.',
    1,
  ],
  ['lines follow an import', "import 'x'\n// about the code below\nlet a", '', 1],
  ['a paragraph ends at a tag', '/**\n * What it does.\n * @example x\n */', 'What it does.', 1],
  ['there are links', '/** See {@link Foo} and {@link Bar|the bar}. */', 'See Foo and the bar.', 1],
  ['the first comment is empty', `/** */\n/**/\n${HEADER}`, 'What it does.', 1],
  ['it does not parse', `${HEADER}export default {{{`, 'What it does.', 2],
  ['defineScript is called first', `${HEADER}const s = defineScript({})\nexport { s as default }`, 'What it does.', 2],
  ['the default export is not the first statement', `${HEADER}const a = 1\n\nexport default a`, 'What it does.', 4],
  [
    'the comment is longer than the head',
    `/**\n * What it does.\n *\n${' * x\n'.repeat(4000)} */\nexport default 1`,
    'What it does.',
    4005,
  ],
  ['imports are longer than the head', `${"import 'x'\n".repeat(2000)}${HEADER}`, 'What it does.', 1],
]

for (const [what, text, expected, line] of FILES) {
  summary(`readSummary() reads ${JSON.stringify(expected)} when ${what}`, () =>
    withFolder({ 'x.ts': text }, (folder) => {
      const { more: _, ...read } = readSummary(join(folder, 'x.ts'))
      assert.equal(read, { summary: expected, line })
    }),
  )
}

/** What the header is like, its text, and the paragraphs after the first. */
const HEADERS: readonly (readonly [what: string, text: string, more: readonly string[]])[] = [
  [
    'paragraphs',
    '/**\n * What it does.\n *\n * It may\n * be run twice.\n *\n *\n * Last, {@link Foo}.\n */',
    ['It may be run twice.', 'Last, Foo.'],
  ],
  ['paragraphs and CR LF', '/**\r\n * What.\r\n *\r\n * It may\r\n * be run.\r\n */\r\nlet a', ['It may be run.']],
  [
    'a list',
    '/**\n * What.\n *\n * It reads\n *   - a file\n *     of rows\n *   - requests\n * 1. x\n */',
    ['It reads\n- a file of rows\n- requests\n1. x'],
  ],
  ['a tag', '/**\n * What.\n *\n * More.\n *\n * @example x\n *\n * y\n */', ['More.']],
  ['lines', '// What.\n//\n// biome-ignore x\n// It may\n// be run.\n\n// not this\nlet a', ['It may be run.']],
  ['one paragraph', HEADER, []],
]

for (const [what, text, more] of HEADERS) {
  summary(`readSummary() reads what follows the first paragraph of a header with ${what}`, () =>
    withFolder({ 'x.ts': text }, (folder) => {
      assert.equal(readSummary(join(folder, 'x.ts')).more, more)
    }),
  )
}

/** What the file is like, its content, and the problem. */
const UNREADABLE: readonly (readonly [what: string, content: string | Uint8Array, problem: string])[] = [
  ['it is empty', '', 'is empty'],
  ['it is blank', ' \n\n', 'is empty'],
  ['it is binary', new Uint8Array([0x7f, 0x45, 0, 0, 1, 2, 255]), 'is not text'],
  ['its comment does not end', '/** What', 'begins with a comment that does not end'],
]

for (const [what, content, problem] of UNREADABLE) {
  summary(`readSummary() says why when ${what}`, () =>
    withFolder({ 'x.ts': content }, (folder) => {
      assert.equal(readSummary(join(folder, 'x.ts')), { summary: '', more: [], line: 1, problem })
    }),
  )
}

summary('readSummary() says why when there is no file, or a folder in its place', () =>
  withFolder({ 'folder/x.ts': '' }, (folder) => {
    assert.is(readSummary(join(folder, 'no.ts')).problem, 'cannot be read (ENOENT)')
    assert.is(readSummary(join(folder, 'folder')).problem, 'cannot be read (EISDIR)')
  }),
)

summary('readSummary() executes nothing', () =>
  withFolder({ 'x.ts': `${HEADER}throw new Error('executed')` }, (folder) => {
    assert.is(readSummary(join(folder, 'x.ts')).summary, 'What it does.')
  }),
)

summary.run()
