/** The twelve users of the sandbox. */

export interface User {
  readonly number: number
  readonly userName: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly department: string
  readonly defaultLanguage: string
  readonly isActive: boolean
  /** `own`: sees own requests, their actions, and the actions assigned to them. */
  readonly rights: 'all' | 'own'
}

export const USERS: readonly User[] = [
  user(1, 'John', 'Smith', 'Finance', { rights: 'all' }),
  user(2, 'Emma', 'Clark', 'Sales', {}),
  user(3, 'Maria', 'Garcia', 'Purchasing', { rights: 'all' }),
  user(4, 'Luc', 'Tremblay', 'Human Resources', { rights: 'all', defaultLanguage: 'fr-CA' }),
  user(5, 'Amélie', 'Roy', 'Finance', { defaultLanguage: 'fr-CA', userName: 'amelie_roy' }),
  user(6, 'David', 'Wilson', 'Operations', {}),
  user(7, 'Sofia', 'Rossi', 'Marketing', { defaultLanguage: 'it-IT' }),
  user(8, 'Peter', 'Schmidt', 'Operations', { defaultLanguage: 'de-DE' }),
  user(9, 'Aiko', 'Tanaka', 'Engineering', {}),
  user(10, 'Omar', 'Haddad', 'Engineering', {}),
  user(11, 'Grace', "O'Brien", 'Sales', { userName: 'grace_obrien' }),
  user(12, 'Carl', 'Jensen', 'Operations', { isActive: false }),
]

export function userByName(userName: string): User | undefined {
  return USERS.find((user) => user.userName === userName)
}

export function userByNumber(number: number): User | undefined {
  return USERS[number - 1]
}

// --- internal ---

function user(number: number, firstName: string, lastName: string, department: string, more: Partial<User>): User {
  const userName = more.userName ?? `${firstName}_${lastName}`.toLowerCase()
  const email = `${userName.replace('_', '.')}@example.com`
  return {
    number,
    userName,
    firstName,
    lastName,
    email,
    department,
    defaultLanguage: 'en-US',
    isActive: true,
    rights: 'own',
    ...more,
  }
}
