/** A package for all folders, as `npm install --global` leaves it: by links, because npm takes long to write as many files. */
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * @param folder in which npm has installed the package, on the same disk
 * @param prefix npm's folder of what is for all
 * @returns its program
 */
export function installForAll(folder: string, name: string, prefix: string): string {
  const [from, to] = [join(folder, 'node_modules'), join(prefix, 'lib', 'node_modules', name)]
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  linkFiles(join(from, name), to)
  const addPackagesOf = (each: string): void => {
    const { dependencies, optionalDependencies } = packages[`node_modules/${each}`]
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const [source, target] = [join(from, needed), join(to, 'node_modules', needed)]
      // One that is for another platform is nowhere.
      if (existsSync(target) || !existsSync(source)) continue
      linkFiles(source, target)
      addPackagesOf(needed)
    }
  }
  addPackagesOf(name)
  const [[program, path]] = Object.entries(packages[`node_modules/${name}`].bin) as [[string, string]]
  const link = join(prefix, 'bin', program)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(to, path), link)
  return link
}

// --- internal ---

function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) linkFiles(source, target)
    else linkSync(source, target)
  }
}
