/** The processes of the sandbox, with their activities in order and their data. */

export type DataType = 'TEXT' | 'NUMERIC' | 'DATETIME' | 'FILE'

export interface DataDefinition {
  readonly name: string
  readonly description: string
  readonly dataType: DataType
  /** The texts to choose from. */
  readonly words?: readonly string[]
  /** The largest number. */
  readonly max?: number
  /** Media type of the files. */
  readonly contentType?: string
}

export interface Activity {
  readonly number: number
  readonly name: string
  readonly description: string
  readonly hasQuickApproval: boolean
  /** Numbers of the users it can be assigned to. If empty, it is assigned to the requester. */
  readonly assignees: readonly number[]
  readonly process: Process
}

export interface Process {
  readonly number: number
  readonly name: string
  readonly version: number
  readonly description: string
  readonly activities: readonly Activity[]
  readonly data: readonly DataDefinition[]
}

const SUPPLIERS = ['Northwind Paper', 'Alpine Tools', 'Meridian Foods', 'Harbor Logistics', 'Lumen Electric']
const SUBJECTS = [
  'New badge',
  'Broken chair',
  'Access to the archive',
  'Meeting room',
  'Software licence',
  'Parking space',
]

const SUBJECT = text('REQUEST_SUBJECT', 'Subject', SUBJECTS)
const PURCHASE = [
  text('ITEM', 'Item', ['Laptop', 'Office chair', 'Printer toner', 'Safety shoes', 'Projector']),
  text('SUPPLIER', 'Supplier', SUPPLIERS),
  numeric('AMOUNT', 'Amount', 9000),
  date('DELIVERY_DATE', 'Wanted delivery'),
  file('QUOTE', 'Quote of the supplier'),
]

/** The data of a web form, named as in the vendor's samples. */
const FORM = [
  file('FORM_DATA', 'Data of the web form', 'application/xml'),
  file('FORM_ARCHIVE', 'Web form as it was submitted', 'text/html'),
]

/** Seven definitions of six processes: PURCHASE_ORDER has two versions. */
export const PROCESSES: readonly Process[] = [
  define(
    1,
    'SIMPLE_REQUEST',
    1,
    'Simple request',
    ['1-INITIATES', '2-VALIDATES:1,3'],
    [SUBJECT, text('REQUEST_COMMENTS', 'Comments', ['Urgent', 'When you have time', 'As agreed by phone'])],
  ),
  define(
    2,
    'SIMPLE_REQUEST_FILE',
    1,
    'Simple request with a file',
    ['1-INITIATES', '2-VALIDATES:1,4'],
    [SUBJECT, file('REQUEST_FILE', 'Attached file')],
  ),
  define(3, 'PURCHASE_ORDER', 1, 'Purchase order', ['1-REQUESTS', '2-APPROVES:1'], [...PURCHASE, ...FORM]),
  define(
    4,
    'PURCHASE_ORDER',
    2,
    'Purchase order',
    ['1-REQUESTS', '2-APPROVES:1,6', '3-ORDERS:3', '4-RECEIVES'],
    [...PURCHASE, text('ORDER_NUMBER', 'Order number', ['PO-1040', 'PO-1041', 'PO-1042']), ...FORM],
  ),
  define(
    5,
    'LEAVE_REQUEST',
    1,
    'Leave request',
    ['1-REQUESTS', '2-APPROVES:1,4,6'],
    [
      text('LEAVE_TYPE', 'Kind of leave', ['Vacation', 'Parental leave', 'Training', 'Moving house']),
      date('START_DATE', 'First day'),
      date('END_DATE', 'Last day'),
      numeric('DAYS', 'Working days', 25),
    ],
  ),
  define(
    6,
    'EMPLOYEE_ONBOARDING',
    1,
    'Employee onboarding',
    ['1-ANNOUNCES', '2-PREPARES_CONTRACT:4', '3-EQUIPS:6,8'],
    [
      text('EMPLOYEE_NAME', 'Name of the employee', ['Nina Berg', 'Paul Adeyemi', 'Ines Costa', 'Tom Baker']),
      text('POSITION', 'Position', ['Accountant', 'Engineer', 'Buyer', 'Designer']),
      date('START_DATE', 'First day'),
      numeric('SALARY', 'Yearly salary', 95000),
      file('CONTRACT', 'Contract'),
    ],
  ),
  define(
    7,
    'INVOICE_APPROVAL',
    1,
    'Invoice approval',
    ['1-RECORDS', '2-CHECKS:3', '3-APPROVES:1', '4-PAYS:5'],
    [
      text('INVOICE_NUMBER', 'Invoice number', ['INV-2207', 'INV-2208', 'INV-2209', 'INV-2210']),
      text('SUPPLIER', 'Supplier', SUPPLIERS),
      numeric('INVOICE_AMOUNT', 'Amount', 40000),
      date('INVOICE_DATE', 'Date of the invoice'),
      file('INVOICE_FILE', 'Scanned invoice'),
    ],
  ),
]

/** Without a version, the newest one. */
export function processByName(name: string, version?: number | null): Process | undefined {
  return PROCESSES.findLast((known) => known.name === name && (version == null || known.version === version))
}

export function processByNumber(number: number): Process | undefined {
  return PROCESSES[number - 1]
}

// --- internal ---

function define(
  number: number,
  name: string,
  version: number,
  description: string,
  steps: readonly string[],
  data: readonly DataDefinition[],
): Process {
  const activities: Activity[] = []
  const workflow: Process = { number, name, version, description, activities, data }
  steps.forEach((step, index) => {
    const [activity = '', assignees = ''] = step.split(':')
    const approval = /VALIDATES|APPROVES/.test(activity)
    activities.push({
      number: number * 100 + index + 1,
      name: activity,
      description: `${description}: step ${index + 1}`,
      hasQuickApproval: approval,
      assignees: assignees.split(',').filter(Boolean).map(Number),
      process: workflow,
    })
  })
  return workflow
}

function text(name: string, description: string, words: readonly string[]): DataDefinition {
  return { name, description, dataType: 'TEXT', words }
}

function numeric(name: string, description: string, max: number): DataDefinition {
  return { name, description, dataType: 'NUMERIC', max }
}

function date(name: string, description: string): DataDefinition {
  return { name, description, dataType: 'DATETIME' }
}

function file(name: string, description: string, contentType = 'text/plain'): DataDefinition {
  return { name, description, dataType: 'FILE', contentType }
}
