/** Tables of a page: plain HTML, sorted by a click where the browser runs the script. */

export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  /** The address that the text links to. */
  readonly link?: (row: Row) => string | undefined
  readonly isNumber?: boolean
  /** How the rows are sorted by this column. */
  readonly sorted?: 'ascending' | 'descending'
}

/** The first column names its row. */
export function renderTable<Row>(caption: string, rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const head = columns.map(({ title, isNumber, sorted }) => {
    const sort = sorted === undefined ? '' : ` aria-sort="${sorted}"`
    return `<th scope="col"${isNumber ? ' class="number"' : ''}${sort}>${escaped(title)}</th>`
  })
  const body = rows.map((row) => {
    const cells = columns.map((column, index) => {
      const tag = index === 0 ? 'th' : 'td'
      const scope = index === 0 ? ' scope="row"' : ''
      return `<${tag}${scope}${column.isNumber ? ' class="number"' : ''}>${content(row, column)}</${tag}>`
    })
    return `<tr>${cells.join('')}</tr>\n`
  })
  return `<table>
<caption>${escaped(caption)}</caption>
<thead><tr>${head.join('')}</tr></thead>
<tbody>
${body.join('')}</tbody>
</table>
`
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Runs in the page. Makes a button of each column's title. The first click sorts numbers from the largest. */
export const SORT = `
const { compare } = new Intl.Collator(undefined, { numeric: true })
for (const { tBodies: [body], tHead } of document.querySelectorAll('table')) {
  const titles = [...tHead.rows[0].cells]
  titles.forEach((title, column) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...title.childNodes)
    title.append(button)
    button.addEventListener('click', () => {
      const orders = title.className === 'number' ? ['descending', 'ascending'] : ['ascending', 'descending']
      const order = orders[title.getAttribute('aria-sort') === orders[0] ? 1 : 0]
      for (const each of titles) each.removeAttribute('aria-sort')
      title.setAttribute('aria-sort', order)
      const direction = order === 'ascending' ? 1 : -1
      const text = (row) => row.cells[column].textContent
      body.append(...[...body.rows].sort((a, b) => direction * compare(text(a), text(b))))
    })
  })
}
`

// --- internal ---

function content<Row>(row: Row, { text, link }: Column<Row>): string {
  const address = link?.(row)
  // Names have no spaces, so they may break after an underscore.
  const shown = escaped(text(row)).replaceAll('_', '_<wbr>')
  return address === undefined ? shown : `<a href="${escaped(address)}" rel="noreferrer">${shown}</a>`
}
