/** Packages that npm installed elsewhere, by links: npm takes long to write as many files, and so does a copy. */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REPOSITORY } from './_cli.ts'

/** Puts this repository's packages where npm will want them: those of the folder's `package.json`, and those of ours. */
export function addPackages(folder: string): void {
  const wanted = [folder, REPOSITORY].map((each) => read(join(each, 'package.json')))
  const names = [...namesIn(wanted[0]!), ...Object.keys(wanted[1]!.dependencies!)]
  linkPackages(REPOSITORY, join(folder, 'node_modules'), names)
}

/**
 * Makes what `npm install --global` makes, of what npm has installed in a folder.
 *
 * @param prefix npm's folder of what is for all
 * @returns the program of the package
 */
export function installForAll(folder: string, name: string, prefix: string): string {
  const target = join(prefix, 'lib', 'node_modules', name)
  const { bin, dependencies } = read(join(folder, 'node_modules', name, 'package.json'))
  linkFiles(join(folder, 'node_modules', name), target)
  linkPackages(folder, join(target, 'node_modules'), Object.keys(dependencies!))
  const [[program, path]] = Object.entries(bin!) as [[string, string]]
  const link = join(prefix, 'bin', program)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(target, path), link)
  return link
}

// --- internal ---

type Section = 'dependencies' | 'optionalDependencies' | 'devDependencies' | 'bin'
type Manifest = Readonly<Partial<Record<Section, Readonly<Record<string, string>>>>>

function read(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function namesIn({ dependencies, optionalDependencies, devDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
}

/** With what they need. */
function linkPackages(folder: string, packages: string, names: readonly string[]): void {
  const { packages: locked } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  for (const left = [...names]; left.length > 0; ) {
    const name = left.pop()!
    const [source, target] = [join(folder, 'node_modules', name), join(packages, name)]
    // What is for another platform is not there.
    if (existsSync(target) || !existsSync(source)) continue
    linkFiles(source, target)
    const { dependencies, optionalDependencies } = locked[`node_modules/${name}`]
    left.push(...namesIn({ dependencies, optionalDependencies }))
  }
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
