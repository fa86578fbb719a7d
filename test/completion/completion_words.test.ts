import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Flag,
  type Grammar,
  NOTHING,
  nextWord,
  takeName,
  type Values,
} from '../../runtime/completion/completion_words.ts'

const completionWords = suite('cli/completion_words')

const candidate = (word: string) => ({ word, description: '' })
const flag = (word: string, more: Partial<Flag> = {}): Flag => {
  return { ...candidate(word), values: undefined, multiple: false, ...more }
}
const STATES: Values = { candidates: [candidate('open'), candidate('closed')], files: false }
const FILES: Values = { candidates: [], files: true }
const FLAGS = [
  flag('--state', { values: STATES }),
  flag('--out', { values: FILES }),
  flag('--tag', { values: NOTHING, multiple: true }),
  flag('--open', { opposite: '--no-open' }),
  flag('--no-open', { opposite: '--open' }),
]
const BARE: Grammar = { flags: FLAGS, places: [], variadic: false }
const PLACES: Grammar = { flags: FLAGS, places: [STATES, FILES], variadic: true }

/** The words offered; `FILES` at the end where files are. */
function offered(grammar: Grammar, words: readonly string[], current = ''): string[] {
  const { candidates, files } = nextWord(grammar, words, current)
  return [...candidates.map(({ word }) => word), ...(files ? ['FILES'] : [])]
}

const ALL = FLAGS.map(({ word }) => word)

completionWords('nextWord() offers the flags where no place is left, and what a flag takes after it', () => {
  assert.equal(offered(BARE, []), ALL)
  assert.equal(offered(BARE, [], '--st'), ALL)
  assert.equal(offered(BARE, ['--state']), ['open', 'closed'])
  assert.equal(offered(BARE, ['--out']), ['FILES'])
  assert.equal(offered(BARE, ['--tag']), [])
  assert.equal(offered(BARE, [], '--state=o'), ['--state=open', '--state=closed'])
  assert.equal(offered(BARE, [], '--out=x'), ['FILES'])
  assert.equal(offered(BARE, [], '--other=x'), [])
})

completionWords(
  'nextWord() leaves out a flag that was given, and its opposite, but not one that may be repeated',
  () => {
    assert.equal(offered(BARE, ['--state', 'open', '--tag=a']), ['--out', '--tag', '--open', '--no-open'])
    assert.equal(offered(BARE, ['--no-open', '--state=open', '--tag', 'a']), ['--out', '--tag'])
  },
)

completionWords('nextWord() offers each place in turn, the last one again where it takes all', () => {
  assert.equal(offered(PLACES, []), ['open', 'closed'])
  assert.equal(offered(PLACES, ['--open', 'closed']), ['FILES'])
  assert.equal(offered(PLACES, ['closed', 'a', 'b']), ['FILES'])
  assert.equal(offered({ ...PLACES, variadic: false }, ['closed', 'a']), ALL)
  assert.equal(offered(PLACES, ['closed'], '-'), ALL)
})

completionWords('nextWord() takes nothing for a flag after "--"', () => {
  assert.equal(offered(PLACES, ['--'], '-'), ['open', 'closed'])
  assert.equal(offered(PLACES, ['--', '--state']), ['FILES'])
  assert.equal(offered(BARE, ['--'], '-'), [])
})

completionWords('takeName() passes over flags and their values', () => {
  assert.equal(takeName(FLAGS, ['--state', 'open', '--open', 'name', '--out', 'x', 'y']), {
    name: 'name',
    others: ['--state', 'open', '--open', '--out', 'x', 'y'],
  })
  assert.is(takeName(FLAGS, ['--state', 'open', '--no-open']), undefined)
  assert.is(takeName(FLAGS, ['--state=open', 'name'])?.name, 'name')
})

completionWords.run()
