import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { USAGES } from '../../runtime/cli/usages.ts'
import {
  commandGrammar,
  createVocabulary,
  scriptGrammar,
  toolGrammar,
  withToolFlags,
} from '../../runtime/completion/completion_grammar.ts'
import type { Grammar, Values } from '../../runtime/completion/completion_words.ts'
import { readParameters } from '../../runtime/tasks/arguments/schema.ts'
import { defineTasks } from '../../runtime/tasks/registry/registry.ts'
import { withFolder } from '../tasks/_folder.ts'

const completionGrammar = suite('cli/completion_grammar')

const candidate = (word: string) => ({ word, description: '' })
const VOCABULARY = {
  tasks: [candidate('a-task')],
  commands: [candidate('a-command')],
  groups: [candidate('a-group')],
  profiles: [candidate('a-profile')],
}

function shown(values: Values | undefined): string | undefined {
  return values && [...values.candidates.map(({ word }) => word), ...(values.files ? ['FILES'] : [])].join(' ')
}

function flagsOf({ flags }: Grammar): Record<string, string | undefined> {
  return Object.fromEntries(flags.map(({ word, values }) => [word, shown(values)]))
}

completionGrammar('createVocabulary() has tasks and aliases that are not hidden, groups once, and commands', () =>
  withFolder({ 'x.ts': '// What it does.' }, (_folder, url) => {
    const registry = defineTasks(url, {
      x: { script: './x.ts', aliases: ['y'], group: 'g' },
      z: { script: './x.ts', description: 'Something else', group: 'g' },
      _h: { script: './x.ts' },
    })
    const { tasks, groups, commands: names } = createVocabulary(registry, USAGES, ['test'])
    assert.equal(tasks, [
      { word: 'x', description: 'What it does.' },
      { word: 'y', description: 'What it does.' },
      { word: 'z', description: 'Something else' },
    ])
    assert.equal(groups, [candidate('g')])
    const words = names.map(({ word }) => word)
    assert.ok(words.includes('list') && words.includes('completion'))
    assert.not.ok(words.includes('version'), 'it is a flag')
  }),
)

completionGrammar('commandGrammar() reads flags, their values and places from a usage', () => {
  const cases: readonly (readonly [usage: string, flags: Record<string, string | undefined>, places: string[]])[] = [
    ['list [--json] [--group G]', { '--json': undefined, '--group': 'a-group' }, []],
    ['run <task or file> [flags]', {}, ['a-task FILES']],
    ['help [<task or command>] [--json]', { '--json': undefined }, ['a-task a-command']],
    ['sandbox [--port N] [--requests N]', { '--port': '', '--requests': '' }, []],
    ['completion bash|zsh|fish|pwsh', {}, ['bash zsh fish pwsh']],
    ['new <name> [--from query|mutation|FILE]', { '--from': 'query mutation FILES' }, ['']],
    ['token [--json] [clear|reveal]', { '--json': undefined }, ['clear reveal']],
    ['check [--profile P | --against FILE|URL]', { '--profile': 'a-profile', '--against': 'FILES' }, []],
    [
      'query <document | @FILE | -> [-v name=value] [--paginate] [--path a.b]',
      { '--paginate': undefined, '--path': '' },
      ['FILES'],
    ],
  ]
  for (const [usage, flags, places] of cases) {
    const grammar = commandGrammar(usage, VOCABULARY)
    assert.equal(flagsOf(grammar), flags, usage)
    assert.equal(grammar.places.map(shown), places, usage)
  }
})

completionGrammar('toolGrammar() has every flag of the tool, with the values that are known', () => {
  const grammar = toolGrammar(VOCABULARY)
  const flags = flagsOf(grammar)
  assert.is(flags['--format'], 'table json ndjson csv xlsx')
  assert.is(flags['--profile'], 'a-profile')
  assert.is(flags['--confirm'], 'a-profile')
  assert.is(flags['--out'], 'FILES')
  assert.is(flags['--args-file'], 'FILES')
  assert.is(flags['--timeout'], '')
  assert.is(flags['--dry-run'], undefined)
  assert.equal(grammar.places.map(shown), ['a-task a-command'])
  const own = commandGrammar('doctor [--json] [--profile P]', VOCABULARY)
  const words = withToolFlags(own, grammar).flags.map(({ word }) => word)
  assert.is(words.length, new Set(words).size)
})

completionGrammar('scriptGrammar() has a script’s flags, choices and positionals; a plain file takes anything', () => {
  const parameters = readParameters(
    v.object({
      files: v.array(v.string()),
      state: v.optional(v.picklist(['open', 'closed'])),
      onlyMine: v.optional(v.pipe(v.boolean(), v.description('only mine')), false),
      since: v.optional(v.pipe(v.string(), v.isoDate())),
      html: v.optional(v.string()),
      count: v.optional(v.number()),
    }),
    { positionals: ['files'] },
  )
  const grammar = scriptGrammar(parameters)
  assert.equal(flagsOf(grammar), {
    '--state': 'open closed',
    '--only-mine': undefined,
    '--no-only-mine': undefined,
    '--since': '',
    '--html': 'FILES',
    '--count': '',
  })
  assert.is(grammar.flags[1]?.description, 'only mine')
  assert.equal([grammar.places.map(shown), grammar.variadic], [['FILES'], true])
  assert.equal(scriptGrammar(undefined), { flags: [], places: [{ candidates: [], files: true }], variadic: true })
})

completionGrammar.run()
