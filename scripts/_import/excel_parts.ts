/** Changes parts of an Excel file that read-excel-file would read as something else than Excel shows. */

/** The parts of an Excel file, by their paths. */
export type Parts = Record<string, Uint8Array>

/**
 * Leaves out sheets without cells, such as charts, and hidden ones if none is asked for by name. Then the first sheet is the
 * first that a person sees.
 */
export function correctWorkbook(parts: Parts, sheet: string | undefined): void {
  const ids = new Set(
    elements(textIn(parts, RELATIONS), 'Relationship')
      .filter(isWorksheet)
      .map((tag) => attributeOf(tag, 'Id')),
  )
  change(parts, WORKBOOK, (xml) =>
    xml
      // LibreOffice writes "true", and the package knows "1" alone.
      .replace(/(\sdate1904=)["']true["']/, '$1"1"')
      .replace(tags('sheet'), (tag) => {
        const isShown = sheet !== undefined || !/hidden$/i.test(attributeOf(tag, 'state'))
        return isShown && ids.has(attributeOf(tag, '(?:\\w+:)?id')) ? tag : ''
      }),
  )
}

/** Returns a function that changes the XML of a sheet. */
export function sheetCorrector(parts: Parts): (xml: string) => string {
  const digits = digitsByStyle(textIn(parts, STYLES))
  return (xml) => {
    const dated = xml.replace(DATE_TIME, '<$1c$2Z')
    if (digits.size === 0) return dated
    return dated.replace(WHOLE_NUMBER, (cell, prefix: string, attributes: string, value: string) => {
      const shown = value.padStart(digits.get(attributeOf(attributes, 's')) ?? 0, '0')
      return shown === value
        ? cell
        : `<${prefix}c${attributes.replace(/\st=["']n["']/, '')} t="str"><${prefix}v>${shown}</${prefix}v>`
    })
  }
}

// --- internal ---

const WORKBOOK = 'xl/workbook.xml'
const RELATIONS = 'xl/_rels/workbook.xml.rels'
const STYLES = 'xl/styles.xml'

/** The beginning of a date with its time, as "Strict Open XML" has it: without a zone, so that it would be local time. */
const DATE_TIME = /<((?:\w+:)?)c\b([^>]*\st=["']d["'][^>]*>\s*<\1v>[\d-]+T[\d:.]+)(?=<)/g
const WHOLE_NUMBER =
  /<((?:\w+:)?)c\b((?![^>]*\st=["'][^n])[^>]*)>\s*(?:<\1f\b[^>]*(?:\/>|>[^<]*<\/\1f>)\s*)?<\1v>(\d+)<\/\1v>/g

/** Returns the number of digits of cell styles such as `00000`, with which 1067 is shown as 01067. */
function digitsByStyle(styles: string): ReadonlyMap<string, number> {
  const formats = elements(styles, 'numFmt').flatMap((tag) => {
    const [zeros] = /^0{2,}$/.exec(attributeOf(tag, 'formatCode')) ?? []
    return zeros ? ([[attributeOf(tag, 'numFmtId'), zeros.length]] as const) : []
  })
  const digits = new Map(formats)
  const [, cellStyles = ''] = /<(?:\w+:)?cellXfs\b([\s\S]*?)<\/(?:\w+:)?cellXfs>/.exec(styles) ?? []
  return new Map(
    elements(cellStyles, 'xf').flatMap((tag, index) => {
      const count = digits.get(attributeOf(tag, 'numFmtId'))
      return count === undefined ? [] : [[String(index), count] as const]
    }),
  )
}

function isWorksheet(relation: string): boolean {
  return attributeOf(relation, 'Type').endsWith('/worksheet')
}

function change(parts: Parts, path: string, work: (xml: string) => string): void {
  if (parts[path]) parts[path] = Buffer.from(work(textIn(parts, path)))
}

function textIn(parts: Parts, path: string): string {
  return new TextDecoder().decode(parts[path])
}

function elements(xml: string, name: string): string[] {
  return xml.match(tags(name)) ?? []
}

/** Start tags with this name, with or without the prefix of a namespace. */
function tags(name: string): RegExp {
  return new RegExp(String.raw`<(?:\w+:)?${name}\b[^>]*>`, 'g')
}

/** The value of an attribute of a tag; empty if it has none. */
function attributeOf(tag: string, attribute: string): string {
  return new RegExp(String.raw`\s${attribute}=["']([^"']*)["']`).exec(tag)?.[1] ?? ''
}
