import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import ts from 'typescript'

export interface SourceImport {
  /** As written: `../errors.ts`, `rxjs`. */
  specifier: string
  /** Path from the root of the package for a relative specifier, else undefined. */
  target: string | undefined
  /** True when nothing of it is left at run time. */
  typeOnly: boolean
}

export interface SourceFile {
  /** Path from the root of the package, with forward slashes. */
  path: string
  lines: number
  imports: SourceImport[]
  /** Dynamic imports whose target is not a literal: nobody can follow them. */
  unfollowed: string[]
  /** Clocks, timers and dice that the file uses: `Date.now`, `setTimeout`, `Math.random` … */
  ambient: string[]
}

const AMBIENT_MEMBERS: ReadonlySet<string> = new Set([
  'Date.now',
  'performance.now',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  'process.hrtime',
])
const AMBIENT_CALLS: ReadonlySet<string> = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'randomUUID',
  'randomBytes',
  'randomInt',
])

/** Parses every TypeScript file under these folders (or these files) of the package. */
export function readSources(root: string, places: readonly string[]): SourceFile[] {
  return places
    .filter((place) => existsSync(join(root, place)))
    .flatMap((place) =>
      /\.c?ts$/.test(place)
        ? [place]
        : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
            .filter((path) => /\.c?ts$/.test(path))
            .map((path) => `${place}/${path.split(sep).join('/')}`),
    )
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

export function parseSource(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const file: SourceFile = {
    path,
    lines: lineCount(text),
    imports: [],
    unfollowed: [],
    ambient: [],
  }
  const add = (from: ts.Node, typeOnly: boolean): void => {
    if (!ts.isStringLiteralLike(from)) {
      file.unfollowed.push(from.getText(tree))
      return
    }
    const specifier = from.text
    const target = specifier.startsWith('.')
      ? posix.join(posix.dirname(path), specifier)
      : undefined
    file.imports.push({ specifier, target, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, isErased(node.importClause))
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node.moduleSpecifier, node.isTypeOnly)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true)
    } else if (ts.isCallExpression(node)) {
      const [first] = node.arguments
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword && first !== undefined) {
        add(first, false)
      }
      const callee = node.expression.getText(tree)
      if (AMBIENT_CALLS.has(callee)) file.ambient.push(callee)
    } else if (ts.isNewExpression(node) && node.expression.getText(tree) === 'Date') {
      if ((node.arguments?.length ?? 0) === 0) file.ambient.push('new Date()')
    } else if (ts.isPropertyAccessExpression(node)) {
      const member = node.getText(tree).replace(/^globalThis\./, '')
      if (AMBIENT_MEMBERS.has(member)) file.ambient.push(member)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return file
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const { name, namedBindings } = clause
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  )
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
