import type { SourceFile, SourceImport } from './source-files.ts'

/**
 * Which place may import which others. A place is a folder or a file; the longest that matches a
 * file is its own. What is inside one place may import each other. `type src/geo` allows only
 * imports that are gone at run time, and `src/kinesis/shard.ts` only that file.
 */
export type DirectionRules = Readonly<Record<string, readonly string[]>>

/** Which places may import a package; a name that ends with `/*` stands for a whole scope. */
export type PackageRules = Readonly<Record<string, readonly string[]>>

/** One line for each import that the rules do not allow, and for each file without a rule. */
export function wrongDirections(files: readonly SourceFile[], rules: DirectionRules): string[] {
  return files.flatMap(({ path, imports }) => {
    const place = placeOf(path, Object.keys(rules))
    const allowed = place === undefined ? undefined : rules[place]
    if (place === undefined || allowed === undefined) return [`${path}: no rule covers it`]
    return imports
      .filter(({ target }) => target !== undefined && placeOf(target, [place]) === undefined)
      .filter((each) => !allowed.some((rule) => permits(rule, each)))
      .map((each) => `${path}: ${place} may not import ${arrowTo(each)}`)
  })
}

/** One line for each import of a package outside the places that may have it. */
export function wrongPackages(files: readonly SourceFile[], rules: PackageRules): string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, specifier }) => target === undefined && !specifier.startsWith('node:'))
      .flatMap(({ specifier }) => {
        const name = packageName(specifier)
        const places = rules[name] ?? rules[name.replace(/\/.*$/, '/*')]
        if (places === undefined) return [`${path}: package ${name} has no rule`]
        return placeOf(path, places) === undefined ? [`${path}: may not import ${name}`] : []
      }),
  )
}

/** `a.ts > b.ts > a.ts` for each circle of imports that exists at run time; one for each knot. */
export function cycles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.flatMap(({ target, typeOnly }) => (typeOnly || !target ? [] : [target])),
    ]),
  )
  const found: string[] = []
  const state = new Map<string, 'open' | 'closed'>()
  const trail: string[] = []
  const visit = (path: string): void => {
    if (state.get(path) === 'closed') return
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' > '))
      return
    }
    state.set(path, 'open')
    trail.push(path)
    for (const target of edges.get(path) ?? []) visit(target)
    trail.pop()
    state.set(path, 'closed')
  }
  for (const path of edges.keys()) visit(path)
  return found
}

/** The rules as a graph of their own: a circle in them would allow one between files. */
export function ruleCycles(rules: DirectionRules): string[] {
  const places = Object.keys(rules)
  return cycles(
    places.map((place) => ({
      path: place,
      lines: 0,
      unfollowed: [],
      ambient: [],
      imports: (rules[place] ?? []).map((rule) => {
        const specifier = rule.replace(/^type /, '')
        const target = rules[specifier] ? specifier : (placeOf(specifier, places) ?? specifier)
        return { specifier, target, typeOnly: false }
      }),
    })),
  )
}

/** One line for each import of a file that is not there. */
export function missingTargets(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map(({ path }) => path))
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target !== undefined && !known.has(target))
      .map(({ specifier }) => `${path}: ${specifier} is not among the files that were read`),
  )
}

/** One line for each file that reads a clock, sets a timer or rolls dice by itself. */
export function ambientUses(files: readonly SourceFile[], except: readonly string[]): string[] {
  return files
    .filter(({ path }) => placeOf(path, except) === undefined)
    .flatMap(({ path, ambient }) => ambient.map((use) => `${path}: ${use}`))
}

export function tooLong(files: readonly SourceFile[], limit: number): string[] {
  return files
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path}: got ${lines} lines, expected ${limit} at most`)
}

function permits(rule: string, { target = '', typeOnly }: SourceImport): boolean {
  const place = rule.replace(/^type /, '')
  return placeOf(target, [place]) !== undefined && (typeOnly || place === rule)
}

/** The longest of `places` that is `path` itself or a folder above it. */
function placeOf(path: string, places: readonly string[]): string | undefined {
  return places
    .filter((place) => path === place || path.startsWith(`${place}/`))
    .sort((a, b) => b.length - a.length)[0]
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function arrowTo({ target = '', typeOnly }: SourceImport): string {
  return typeOnly ? `type ${target}` : target
}
