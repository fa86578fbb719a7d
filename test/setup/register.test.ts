import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { entryOf, insertEntry, removeEntries } from '../../runtime/setup/register.ts'

const register = suite('setup/register')

const ENTRY = { name: 'new-one', script: 'scripts/new-one.ts', access: 'read' } as const
const INLINE = "'new-one': { script: './scripts/new-one.ts', access: 'read' }"

/** What `tasks.ts` may look like; `+` begins what is added. */
const TEXTS: Readonly<Record<string, string>> = {
  'a line each': `// Tasks { of the team
export const tasks = defineTasks(import.meta.url, {
  hello: { script: './scripts/hello.ts' }, // the first
  'b': { script: './b.ts', description: 'not ) a { bracket' },
+  ${INLINE},\n+})

await main(import.meta, tasks)
`,
  'the last without a comma, comments after it': `defineTasks(import.meta.url, {
    /* } */
    a: { script: './a.ts' }+,+ // the last
    // b: { script: './b.ts' },
+    ${INLINE},\n+})`,
  'a folder, a spread over lines, tabs': `const all = defineTasks(import.meta.url, {
\t...folder('./scripts/finance', {
\t\tprefix: 'finance:',
\t}),
+\t${INLINE},\n+} as const)`,
  'one line': `defineTasks(import.meta.url, { a: { script: './a.ts' }+, ${INLINE}+ })`,
  'one line with a comma': `defineTasks(import.meta.url, { a: { script: './a.ts' },+ ${INLINE}+ })`,
  'closed where the last ends': `defineTasks(import.meta.url, {
  a: { script: './a.ts' },
  b: { script: './b.ts' }+, ${INLINE}+})`,
  'nothing yet': `  defineTasks(import.meta.url, {+\n    ${INLINE},\n  +})`,
  'nothing yet, on lines': `defineTasks(import.meta.url, {
  // none
+  ${INLINE},\n+})`,
  'expressions and a template': `defineTasks(import.meta.url, {
  a: { script: \`./\${'a'}.ts\`, args: { b: /[{]\\// } },
+  ${INLINE},\n+})`,
}

for (const [title, text] of Object.entries(TEXTS)) {
  register(`insertEntry() finds the place: ${title}`, () => {
    const before = text.split('+').filter((_, index) => index % 2 === 0)
    assert.is(insertEntry(before.join(''), ENTRY), text.replaceAll('+', ''))
  })
}

register('insertEntry() keeps the line endings', () => {
  const before = "defineTasks(import.meta.url, {\r\n  a: { script: './a.ts' },\r\n})\r\n"
  const after = `defineTasks(import.meta.url, {\r\n  a: { script: './a.ts' },\r\n  ${INLINE},\r\n})\r\n`
  assert.is(insertEntry(before, ENTRY), after)
})

register('insertEntry() returns undefined unless one call has the tasks as an object', () => {
  for (const text of [
    '',
    'export const tasks = defineTasks(import.meta.url, all)',
    'defineTasks(import.meta.url, { ...all }.b)',
    'defineTasks(import.meta.url)',
    'defineTasks(import.meta.url, { a: { script: "./a.ts" }',
    'defineTasks(import.meta.url, {})\ndefineTasks(import.meta.url, {})',
    '// defineTasks(import.meta.url, {})',
    "const text = 'defineTasks(import.meta.url, {})'",
  ]) {
    assert.is(insertEntry(text, ENTRY), undefined, text)
  }
})

register('entryOf() quotes names, writes the access `read`, and breaks long lines', () => {
  assert.is(
    entryOf({ name: 'plain', script: 'scripts/plain.ts', access: 'write' }, '  ', '\n'),
    "  plain: { script: './scripts/plain.ts' },\n",
  )
  const name = `a-${'very-'.repeat(8)}long-name`
  assert.is(
    entryOf({ name, script: `scripts/${name}.ts`, access: 'read' }, '  ', '\n'),
    `  '${name}': {\n    script: './scripts/${name}.ts',\n    access: 'read',\n  },\n`,
  )
})

register('removeEntries() takes out the entries of scripts, and those that need one of them', () => {
  const text = `export const tasks = defineTasks(import.meta.url, {
  hello: { script: './scripts/hello.ts' }, // stays
  nightly: {
    needs: ['hello', { task: 'report', out: 'r.csv' }],
  },
  'report': { script: './scripts/report.ts', aliases: ['r'] },
  'my-report': { script: './scripts/my-report.ts' },
})
`
  const left = text.split('\n').filter((_line, index) => index < 2 || index > 5)
  assert.is(removeEntries(text, ['report']), left.join('\n'))
  assert.is(removeEntries(text, []), text)
})

register.run()
