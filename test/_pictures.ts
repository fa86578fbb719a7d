/**
 * Makes the pictures of the README anew, from what the program prints and writes: a session on a terminal as SVG, and the
 * page of `overdue-report` as PNG.
 *
 *     node --import tsx test/_pictures.ts
 */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startSandbox } from '../runtime/sandbox/mod.ts'
import { REPOSITORY } from './_cli.ts'
import { clone } from './_clone.ts'
import { chromium } from './_programs.ts'
import { onTerminal } from './cli/_terminal.ts'

const FOLDER = join(REPOSITORY, 'runtime', 'guides')
/** The session, as it is typed after `npx wfg`. */
const SESSION = ['doctor --profile local', 'pending-actions --since 2026-11-20 --profile local']
const REPORT = 'overdue-report --since 2026-09-01 --days 14 --html overdue.html --profile local'
const COLUMNS = 84
const CHARACTER = { width: 8.43, height: 20 }
const COLORS: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#56d364', 33: '#e3b341', 90: '#8b949e' }

const sandbox = await startSandbox({ port: 4000 })
const WEB_URL = 'https://workflow.example.com/wfgen/show.aspx?QUERY=PROCESS_INSTANCE_FORM&ID_PROCESS_INST={request}'
const settings = Object.entries({ ...sandbox.settings, WFG_WEB_URL: WEB_URL }).map(
  ([name, value]) => `${name}='${value}'\n`,
)
const folder = clone({ '.env.local': settings.join('') })
chmodSync(join(folder.dir, '.env.local'), 0o600)
try {
  const screens = []
  for (const line of SESSION) screens.push(`$ npx wfg ${line}\n${await screenOf(line)}`)
  writeFileSync(join(FOLDER, 'session.svg'), drawn(screens.join('\n')))
  await screenOf(REPORT)
  writeFileSync(join(FOLDER, 'report.png'), await photographed(join(folder.dir, 'overdue.html')))
} finally {
  folder.cleanup()
  await sandbox.close()
}

async function screenOf(line: string): Promise<string> {
  const { status, screen } = await onTerminal(folder.dir, line.split(' '), { columns: COLUMNS })
  if (status !== 0) throw new Error(`"${line}" ended with ${status}\n${screen}`)
  return screen
}

/** Draws the screen. Of the control sequences it knows colours. */
function drawn(screen: string): string {
  const lines = screen.trimEnd().split('\n')
  const width = Math.ceil((COLUMNS + 2) * CHARACTER.width)
  const height = (lines.length + 1) * CHARACTER.height
  const texts = lines.map((line, index) => {
    const y = Math.round((index + 1.1) * CHARACTER.height)
    return `<text x="${CHARACTER.width}" y="${y}">${colored(line)}</text>\n`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>wfg in a terminal</title>
<rect width="100%" height="100%" rx="6" fill="#0d1117"/>
<g fill="#e6edf3" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${texts.join('')}</g>
</svg>
`
}

function colored(line: string): string {
  const [first = '', ...parts] = line.split('\u001b[')
  const others = parts.map((part) => {
    const [, code = '', text = ''] = /^(\d+)m(.*)$/s.exec(part) ?? []
    const color = COLORS[code]
    return color === undefined ? escaped(text) : `<tspan fill="${color}">${escaped(text)}</tspan>`
  })
  return escaped(first) + others.join('')
}

/** Several spaces would be drawn as one. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(' ', '\u00a0')
}

/** The top of the page. */
async function photographed(path: string): Promise<Uint8Array> {
  const executablePath = chromium()
  if (!executablePath) throw new Error('The picture of the report needs Chromium')
  const playwright = await import('playwright-core')
  const browser = await playwright.chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const viewport = { width: 900, height: 636 }
    const page = await browser.newPage({ colorScheme: 'light', viewport, deviceScaleFactor: 0.75 })
    await page.goto(pathToFileURL(path).href)
    return await page.screenshot()
  } finally {
    await browser.close()
  }
}
