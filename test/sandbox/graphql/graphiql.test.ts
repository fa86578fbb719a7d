import { request as httpRequest } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { notRun } from '../../_not_run.ts'
import { chromium } from '../../_programs.ts'
import { withSandbox } from '../_sandbox.ts'

const graphiql = suite('graphiql')
const BROWSER_ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

graphiql('a browser gets the page at the address of the API, without a token of its own', () =>
  withSandbox(async ({ get }) => {
    const { status, headers, text } = await get('/wfgen/graphql', { accept: BROWSER_ACCEPT })
    assert.is(status, 200)
    assert.match(headers.get('content-type') ?? '', /^text\/html/)
    assert.is(headers.get('cache-control'), 'no-store')
    assert.match(text, '<title>WorkflowGen (sandbox)</title>')
    assert.not.match(text, /<(?:script|link|img)[^>]+(?:src|href)="https?:/)
  }),
)

graphiql('a program, or `raw`, gets a response instead of the page', () =>
  withSandbox(async ({ get, token }) => {
    const authorization = `Bearer ${await token()}`
    const path = `/wfgen/graphql?query=${encodeURIComponent('{ viewer { userName } }')}`
    for (const [url, accept] of [
      [path, '*/*'],
      [path, 'application/json, text/html'],
      [`${path}&raw`, BROWSER_ACCEPT],
    ] as const) {
      assert.equal(JSON.parse((await get(url, { accept, authorization })).text), {
        data: { viewer: { userName: 'john_smith' } },
      })
    }
  }),
)

graphiql('the page is not served under another host name, or a foreign page could read its token', () =>
  withSandbox(async ({ sandbox }) => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: 'evil.example.com', accept: BROWSER_ACCEPT }
      const request = httpRequest(sandbox.graphqlUrl, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      request.on('error', reject)
      request.end()
    })
    assert.is(status, 403)
  }),
)

graphiql('the page runs a query in a browser, and connects only to the sandbox', async () => {
  const executablePath = chromium()
  if (!executablePath) return notRun('the browser test of GraphiQL needs Chromium')
  const playwright = await import('playwright-core')
  await withSandbox(async ({ sandbox }) => {
    const browser = await playwright.chromium.launch({ executablePath, args: FLAGS })
    try {
      const page = await browser.newPage()
      const foreign: string[] = []
      const problems: string[] = []
      page.on('request', (request) => {
        const { protocol, hostname } = new URL(request.url())
        if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1') foreign.push(request.url())
      })
      page.on('pageerror', (error) => problems.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text())
      })
      await page.goto(sandbox.graphqlUrl)
      await page.click('.graphiql-execute-button')
      await page.locator('.result-window', { hasText: '"userName": "john_smith"' }).waitFor({ timeout: 30_000 })
      assert.match((await page.textContent('.result-window')) ?? '', /"totalCount":\s41\b/)
      await page.click('[aria-label="Show Documentation Explorer"]')
      await page.locator('.graphiql-doc-explorer', { hasText: 'Query' }).waitFor({ timeout: 30_000 })
      assert.equal(foreign, [])
      assert.equal(problems, [])
    } finally {
      await browser.close()
    }
  })
})

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

graphiql.run()
