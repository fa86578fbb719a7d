import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '#wfg'
import { fakeWfg } from '#wfg/testing'
import script from '../../scripts/overdue-report.ts'
import { rejects } from '../_assert.ts'
import { temporaryFolder } from '../_cli.ts'
import { notRun } from '../_not_run.ts'
import { chromium } from '../_programs.ts'
import { contextOf } from './_context.ts'
import { withSandboxes, withScripts } from './_scripts.ts'

const overdueReport = suite('overdue-report')

overdueReport('it counts every open action once, most overdue first, and writes the page as a whole', () =>
  withScripts((scripts) =>
    withSandboxes(async ({ current }) => {
      const { rows, stderr } = await scripts.rows(['overdue-report', '--html', 'page.html'], { env: current.settings })
      const sum = (name: string) => rows.reduce((total, row) => total + Number(row[name]), 0)
      assert.is(sum('open'), 41)
      assert.equal(Object.keys(rows[0]!), ['process', 'assignee', 'open', 'overdue', 'oldestDays', 'medianDays'])
      const overdue = rows.map((row) => Number(row['overdue']))
      assert.equal(
        overdue,
        overdue.toSorted((a, b) => b - a),
      )
      assert.match(stderr, `The page is in ${join(scripts.dir, 'page.html')}`)
      const page = readFileSync(join(scripts.dir, 'page.html'), 'utf8')
      assert.match(page, `<title>${sum('overdue')} of 41 open actions are older than 7 days</title>`)
      assert.ok(page.endsWith('</html>\n'))
      assert.match(page, `<p>From ${current.settings['WFG_GRAPHQL_URL']} (profile default), as of `)
      const [, first] = /<tbody>\n<tr>(.*?)<\/tr>/.exec(page) ?? []
      assert.match(first!, /^<th scope="row">\d+<\/th>(<td>[\w<>-]+<\/td>){3}<td class="number">\d+<\/td>$/)
      assert.equal(
        readdirSync(scripts.dir).filter((name) => name.includes('partial')),
        [],
      )
    }),
  ),
)

overdueReport('run() gives ages in whole days, with the threshold that was asked for', async () => {
  const groups = [
    ['A', 'x', [1.5, 3.5, 10.2]],
    ['A', null, [2.5, 5.5]],
    [null, 'x', [20.1]],
  ] as const
  const { context } = contextOf({ days: 3, since: undefined, html: undefined }, fake(groups))
  assert.equal(await script.run(context), [
    { process: 'A', assignee: 'x', open: 3, overdue: 2, oldestDays: 10, medianDays: 3 },
    { process: null, assignee: 'x', open: 1, overdue: 1, oldestDays: 20, medianDays: 20 },
    { process: 'A', assignee: null, open: 2, overdue: 1, oldestDays: 5, medianDays: 4 },
  ])
})

overdueReport('the page links the requests to chase to the web client, and escapes what it is given', () =>
  withPage(
    [['A&B', null, [9.5, 400.2]]],
    async (html) => {
      const page = readFileSync(html, 'utf8')
      assert.match(page, '<p>From https://example.com/&#60;graphql&#62; (profile prod), as of ')
      const link = (number: number) =>
        `<a href="https://example.com/show?a=1&#38;n=${number}" rel="noreferrer">${number}</a>`
      const row = (number: number, days: number) =>
        `<tr><th scope="row">${link(number)}</th><td>A&#38;B</td><td>1-APPROVES</td><td>nobody</td><td class="number">${days}</td></tr>`
      assert.match(page, `<tbody>\n${row(101, 394)}\n${row(100, 3)}\n</tbody>`)
    },
    { profile: 'prod', url: 'https://example.com/<graphql>', webUrl: 'https://example.com/show?a=1&n={request}' },
  ),
)

overdueReport('run() leaves the page that was there when it fails', () =>
  withPage([['A', 'x', [8]]], async (html) => {
    const before = readFileSync(html, 'utf8')
    const failing = fakeWfg({ OpenActions: { errors: [{ message: 'the database is away' }] } })
    const { context } = contextOf({ days: 7, since: undefined, html }, failing)
    await rejects(() => script.run(context), { message: /the database is away/ })
    assert.is(readFileSync(html, 'utf8'), before)
  }),
)

overdueReport('run() rejects with what is wrong with --html when there is no such folder', () =>
  withPage([], async (html) => {
    const { context } = contextOf({ days: 7, since: undefined, html: join(html, 'page.html') }, fake([]))
    await rejects(() => script.run(context), { instance: UsageError, message: /Cannot write the page/ })
  }),
)

/** Names as a process designer may have given them. */
const NASTY = '</script><script>document.title = "made"</script><b>&amp;'
const LONG = 'AN_EXTRAORDINARILY_LONG_NAME_OF_A_PROCESS_THAT_NO_CHART_HAS_ROOM_FOR'
const PAGES: readonly (readonly [Parameters<typeof fake>[0], title: string])[] = [
  [
    [
      ['PURCHASE_ORDER', 'john_smith', [1, 8, 40, 300]],
      [LONG, null, [9]],
    ],
    '4 of 5 open actions are older than 7 days',
  ],
  // More groups than a chart has bars.
  [
    Array.from({ length: 30 }, (_, index) => [`P${index}`, `user_${index}`, [8]] as const),
    '30 of 30 open actions are older than 7 days',
  ],
  [[[NASTY, NASTY, [8]]], '1 of 1 open action is older than 7 days'],
  [[], '0 of 0 open actions are older than 7 days'],
]

overdueReport(
  'a page is whole in a browser, light and dark, narrow and wide and printed, and asks nobody',
  async () => {
    const executablePath = chromium()
    if (!executablePath) return notRun('the browser test of the report needs Chromium')
    const playwright = await import('playwright-core')
    const browser = await playwright.chromium.launch({ executablePath, args: FLAGS })
    try {
      const page = await browser.newPage()
      for (const [groups, title] of PAGES) {
        await withPage(groups, async (html) => {
          for (const colorScheme of ['light', 'dark'] as const) {
            for (const width of [400, 1200]) {
              await look(page, html, { colorScheme, width, title, isEmpty: groups.length === 0 })
            }
          }
        })
      }
      await withPage(PAGES[0]![0], async (html) => {
        await page.emulateMedia({ colorScheme: 'dark' })
        await page.goto(pathToFileURL(html).href)
        await sorts(page)
        await prints(page)
        await lookWithoutScripts(browser, html)
      })
    } finally {
      await browser.close()
    }
  },
)

/** Writes the page for these groups, and removes it afterwards. */
async function withPage(
  groups: Parameters<typeof fake>[0],
  work: (html: string) => Promise<void>,
  server?: { readonly profile: string; readonly url: string; readonly webUrl: string },
): Promise<void> {
  const dir = temporaryFolder()
  try {
    const html = join(dir, 'page.html')
    const { context } = contextOf({ days: 7, since: undefined, html }, fake(groups))
    await script.run(server ? { ...context, server: async () => ({ ...server, dryRun: false }) } : context)
    await work(html)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Look {
  readonly colorScheme: 'light' | 'dark'
  readonly width: number
  readonly title: string
  readonly isEmpty: boolean
}

async function look(page: Page, html: string, { colorScheme, width, title, isEmpty }: Look): Promise<void> {
  const requests: string[] = []
  const problems: string[] = []
  page.removeAllListeners()
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height: 900 })
  page.on('request', (request) => requests.push(request.url()))
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => problems.push(message.text()))
  const address = pathToFileURL(html).href
  await page.goto(address)
  assert.equal(problems, [])
  assert.equal(requests, [address])
  assert.is(await page.title(), title)
  // As text, because this project's types are those of a server.
  const seen = (await page.evaluate(MEASURE)) as Measured
  assert.ok(seen.contentWidth <= width, `${seen.contentWidth} fit in ${width}`)
  assert.is(seen.painted, isEmpty ? 0 : 2, 'charts with something in them')
  assert.is(seen.tables, isEmpty ? 0 : 2)
  for (const [name, ratio] of Object.entries(seen.contrasts)) {
    assert.ok(ratio >= (name.startsWith('age') ? 3 : 4.5), `${colorScheme}: --${name} has a contrast of ${ratio}`)
  }
}

/** The tables are plain then, and there is no empty place for the charts. */
async function lookWithoutScripts(browser: Browser, html: string): Promise<void> {
  const page = await browser.newPage({ javaScriptEnabled: false })
  await page.goto(pathToFileURL(html).href)
  assert.equal(
    [
      await page.getByRole('table').count(),
      await page.getByRole('button').count(),
      await page.getByRole('img').count(),
    ],
    [2, 0, 0],
  )
  await page.close()
}

/** The titles of the columns are buttons, and the table that was sorted by days sorts by process. */
async function sorts(page: Page): Promise<void> {
  const [, process, , , days] = await page.locator('table:first-of-type thead th').all()
  const column = (index: number) => page.locator(`table:first-of-type tbody td:nth-child(${index})`).allTextContents()
  const [oldest, processes] = [(await column(5)).map(Number), await column(2)]
  assert.equal(
    oldest,
    oldest.toSorted((a, b) => b - a),
  )
  assert.equal([await process!.getAttribute('aria-sort'), await days!.getAttribute('aria-sort')], [null, 'descending'])
  const ascending = processes.toSorted(new Intl.Collator('en', { numeric: true }).compare)
  await process!.getByRole('button').press('Enter')
  assert.equal(await column(2), ascending)
  assert.equal([await process!.getAttribute('aria-sort'), await days!.getAttribute('aria-sort')], ['ascending', null])
  await process!.getByRole('button').click()
  assert.equal(await column(2), ascending.toReversed())
}

/** On paper the colours are those of the light page, also in the charts, and nothing is wider than the paper. */
async function prints(page: Page): Promise<void> {
  await page.setViewportSize({ width: 680, height: 900 })
  await page.emulateMedia({ media: 'print' })
  // The browser draws the charts again, and makes them smaller, with its next frames.
  for (let frames = 0; frames < 5; frames++) await page.evaluate('new Promise(requestAnimationFrame)')
  const seen = (await page.evaluate(`({
    back: getComputedStyle(document.body).backgroundColor,
    text: Chart.defaults.color,
    width: document.documentElement.scrollWidth,
  })`)) as object
  assert.equal(seen, { back: 'rgb(255, 255, 255)', text: '#1f2328', width: 680 })
}

interface Measured {
  readonly contentWidth: number
  readonly painted: number
  readonly tables: number
  readonly contrasts: Readonly<Record<string, number>>
}

/** Contrast as WCAG 2 defines it. */
const MEASURE = `(() => {
  const style = getComputedStyle(document.documentElement)
  const luminance = (name) => {
    const parts = style.getPropertyValue('--' + name).trim().slice(1).match(/../g).map((hex) => parseInt(hex, 16) / 255)
    const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (name) => {
    const [a, b] = [luminance(name), luminance('back')]
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
  }
  const names = ['text', 'soft', 'link', 'age-1', 'age-2', 'age-3', 'age-4']
  const isPainted = (canvas) =>
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0)
  return {
    contentWidth: document.documentElement.scrollWidth,
    painted: [...document.querySelectorAll('canvas')].filter(isPainted).length,
    tables: document.querySelectorAll('table').length,
    contrasts: Object.fromEntries(names.map((name) => [name, contrast(name)])),
  }
})()`

/** Open actions of these ages in days by process and assignee, and a closed one. */
function fake(groups: readonly (readonly [string | null, string | null, readonly number[]])[]) {
  const open = groups.flatMap(([process, assignee, ages]) =>
    ages.map((days) => ({
      openedAt: new Date(Date.now() - days * 86_400_000).toISOString(),
      closedAt: null as string | null,
      assignee: assignee === null ? null : { userName: assignee },
      activity: process === null ? null : { process: { name: process } },
    })),
  )
  const closed = { openedAt: '2026-01-01T00:00:00.000Z', closedAt: '2026-01-02T00:00:00.000Z', assignee: null }
  const items = [...open, { ...closed, activity: null }].map((action, index) => ({
    id: String(index),
    name: '1-APPROVES',
    request: { number: 100 + index },
    ...action,
  }))
  return fakeWfg({ OpenActions: { actions: { totalCount: items.length, hasNextPage: false, items } } })
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

overdueReport.run()
