/** Packages that npm installed elsewhere, by links: npm takes long to write as many files, and so does a copy. */
import { copyFileSync, cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './_cli.ts'

/** Puts packages where npm will want them: those of the folder's `package.json` and of ours, and what they need. */
export function addPackages(folder: string): void {
  const [theirs, ours] = [folder, REPOSITORY].map((each) => read(join(each, 'package.json')))
  const names = [...namesIn(theirs!), ...Object.keys(ours!.dependencies!)]
  const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'))
  for (const left = [...names]; left.length > 0; ) {
    const name = left.pop()!
    const [source, target] = [REPOSITORY, folder].map((each) => join(each, 'node_modules', name)) as [string, string]
    // What is for another platform is not there.
    if (existsSync(target) || !existsSync(source)) continue
    linkFiles(source, target)
    const { dependencies, optionalDependencies } = packages[`node_modules/${name}`]
    left.push(...namesIn({ dependencies, optionalDependencies }))
  }
  // npm writes a package anew if its program is missing. It minds no program that leads to nothing.
  const programs = join('node_modules', '.bin')
  cpSync(join(REPOSITORY, programs), join(folder, programs), { recursive: true, verbatimSymlinks: true })
}

// --- internal ---

type Section = 'dependencies' | 'optionalDependencies' | 'devDependencies'
type Manifest = Readonly<Partial<Record<Section, Readonly<Record<string, string>>>>>

function read(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function namesIn({ dependencies, optionalDependencies, devDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
}

function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) linkFiles(source, target)
    // A link changes a time by which the prepared runtime knows a package.
    else if (entry.name === 'package.json') copyFileSync(source, target)
    else linkFile(source, target)
  }
}

function linkFile(source: string, target: string): void {
  try {
    linkSync(source, target)
  } catch {
    copyFileSync(source, target) // from another disk
  }
}
