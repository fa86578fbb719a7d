import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readersOf, windowsWarnings } from '../../../runtime/tasks/registry/windows_readers.ts'

const readers = suite('tasks/windows_readers')

readers('readersOf() names the groups of many users that may read', () => {
  const cases: [rights: string, expected: string[]][] = [
    // A file in a user's profile, one on a second disk, and one that everyone may change.
    ['.env\r\nD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;S-1-5-21-1-2-3-1001)', []],
    [
      '.env\r\nD:AI(A;ID;FA;;;BA)(A;ID;FA;;;SY)(A;ID;0x1301bf;;;AU)(A;ID;0x1200a9;;;BU)',
      ['Authenticated Users', 'Users'],
    ],
    ['.env\r\nD:PAI(A;;FA;;;WD)', ['Everyone']],
    ['.env\r\nD:(A;;GR;;;DU)(A;;FRFX;;;BG)', ['Domain Users', 'Guests']],
    // What passes to files in a folder only, what is denied, and what is no right to read.
    ['wfg\r\nD:AI(A;OICIIO;FA;;;BU)(D;;FA;;;WD)(A;;0x100000;;;AU)(A;;FX;;;BU)', []],
    ['.env\r\nD:NO_ACCESS_CONTROL', ['Everyone']],
    ['.env\r\nD:(A;CIOI;CCSW;;;S-1-5-21-1-2-3-513)', ['Domain Users']],
    ['.env\r\nD:AI(XA;;FR;;;BU;(Member_of {SID(BA)}))', ['Users']],
    ['', []],
  ]
  for (const [rights, expected] of cases) assert.equal(readersOf(rights), expected, rights)
})

readers('windowsWarnings() asks nothing elsewhere than on Windows', async () => {
  const host = { env: {}, platform: 'linux' as const, isAllowed: () => assert.unreachable('it asked') }
  assert.equal(await windowsWarnings(host as never, ['/']), [])
})

readers.run()
