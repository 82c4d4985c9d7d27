import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import {
  ambientUses,
  cycles,
  missingTargets,
  ruleCycles,
  tooLong,
  wrongDirections,
  wrongPackages,
  type DirectionRules,
  type PackageRules,
} from './support/architecture.ts'
import { repoRoot } from './support/repo-root.ts'
import { parseSource, readSources, type SourceFile } from './support/source-files.ts'
import { suite } from './support/suite.ts'

const BASE = ['src/errors.ts', 'src/time']

/** Everything in src that does not know AWS. */
const LIBRARY = [
  ...BASE,
  'src/trips',
  'src/geo',
  'src/windows',
  'src/lanes',
  'src/kinesis',
  'src/leases',
  'src/counts',
  'src/runs',
  'src/replay',
  'src/letters',
  'src/redrive',
  'src/merge',
  'src/pipeline',
  'src/views',
]

/** Who may import whom, in the order of the pipeline (docs/architecture.md draws it). */
const DIRECTIONS: DirectionRules = {
  'src/errors.ts': [],
  'src/time': ['src/errors.ts'],
  'src/trips': BASE,
  'src/geo': BASE,
  'src/windows': BASE,
  'src/lanes': BASE,
  'src/kinesis': BASE,
  'src/leases': [...BASE, 'src/kinesis'],
  'src/counts': [
    ...BASE,
    'src/windows',
    'type src/geo',
    'src/kinesis/sequence-number.ts',
    'src/trips',
    'src/lanes',
  ],
  'src/runs': [...BASE, 'src/trips', 'src/lanes', 'src/counts'],
  'src/replay': [...BASE, 'src/trips', 'src/kinesis', 'src/lanes', 'src/runs', 'type src/counts'],
  'src/letters': [...BASE, 'type src/counts'],
  'src/redrive': [...BASE, 'src/trips', 'src/kinesis', 'src/lanes', 'src/counts'],
  'src/merge': [...BASE, 'src/windows', 'type src/geo', 'src/lanes', 'src/counts', 'src/runs'],
  'src/pipeline': LIBRARY.filter((place) => place !== 'src/pipeline' && place !== 'src/views'),
  'src/views': LIBRARY.filter((place) => place !== 'src/pipeline' && place !== 'src/views'),
  // Drawing is no part of counting: nothing in the library knows outlines or the dashboard.
  'src/outline': [...BASE, 'src/geo'],
  'src/dashboard': [...BASE, 'src/windows', 'src/counts', 'src/merge', 'src/views', 'src/outline'],
  'src/export': [...BASE, 'src/windows', 'src/counts', 'src/merge'],
  'src/verify': LIBRARY.filter((place) => place !== 'src/replay'),
  'src/aws': LIBRARY,
  // The page in the browser: what it decides, and the part that touches the document.
  'src/page': ['src/views/shown-measure.ts'],
  dashboard: ['src/page', 'src/views/shown-measure.ts'],
  // What the programs share; the library knows neither streams of text nor exit codes.
  'src/program': BASE,
  'src/index.ts': [...LIBRARY, 'src/verify', 'src/aws'],
  samples: [...BASE, 'type src/trips'],
  localstack: BASE,
  producers: ['src', 'samples'],
  consumers: ['src'],
  bin: ['src', 'samples', 'localstack', 'producers', 'consumers'],
}

/** What Vite puts into the page when it is built: nothing of it is needed at run time. */
const BUNDLED: PackageRules = {
  'maplibre-gl': ['dashboard'],
  uplot: ['dashboard'],
  vite: ['dashboard/vite.config.ts'],
}

/** Where each dependency may be used; one that is not listed may not be used at all. */
const PACKAGES: PackageRules = {
  '@aws-sdk/*': ['src/aws'],
  '@smithy/*': ['src/aws'],
  commander: ['bin'],
  dynalite: ['localstack'],
  flatbush: ['src/geo'],
  hyparquet: ['src/trips'],
  'hyparquet-writer': ['src/export'],
  'hyparquet-compressors': ['src/trips'],
  'prom-client': ['src/dashboard'],
  'robust-predicates': ['src/geo'],
  rxjs: ['src/pipeline', 'producers', 'consumers'],
  tinyglobby: ['src/trips'],
  'topojson-client': ['src/outline'],
  'topojson-server': ['src/outline'],
  'topojson-simplify': ['src/outline'],
}

const PRODUCTION = ['src', 'samples', 'localstack', 'producers', 'consumers', 'bin', 'dashboard']
const LINE_LIMIT = 400

const sources = readSources(repoRoot, PRODUCTION)

const architecture = suite('the architecture')

architecture('is that of files which were found and read', () => {
  for (const place of ['src/errors.ts', 'localstack/local-pair.ts']) {
    assert.ok(sources.some(({ path }) => path === place))
  }
  assert.equal(missingTargets(sources), [])
  assert.equal(
    sources.flatMap(({ path, unfollowed }) => unfollowed.map((name) => `${path}: ${name}`)),
    // The map library, which Vite copies as it is.
    ['dashboard/src/map-view.ts: libraryUrl'],
  )
})

architecture('has no circle of imports', () => {
  assert.equal(cycles(sources), [])
})

architecture('has imports in the allowed directions only', () => {
  assert.equal(wrongDirections(sources, DIRECTIONS), [])
})

architecture('has rules without a circle', () => {
  assert.equal(ruleCycles(DIRECTIONS), [])
})

architecture('has each package in its own place only', () => {
  assert.equal(wrongPackages(sources, { ...PACKAGES, ...BUNDLED }), [])
})

architecture('runs on dependencies, not on development dependencies', () => {
  const manifest = readFileSync(join(repoRoot, 'package.json'), 'utf8')
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> }
  for (const name of Object.keys(PACKAGES).filter((each) => !each.endsWith('/*'))) {
    assert.ok(name in dependencies, `${name} is not a dependency`)
  }
})

architecture('gets time and chance passed in', () => {
  const library = sources.filter(({ path }) => /^(src|producers|consumers)\//.test(path))
  assert.equal(ambientUses(library, ['src/time/clock.ts', 'src/time/random.ts']), [])
})

architecture('has no file too long to read', () => {
  assert.equal(tooLong(sources, LINE_LIMIT), [])
})

architecture.run()

const checker = suite('the architecture check')

function parse(files: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(files).map(([path, text]) => parseSource(path, text))
}

checker('sees every form of import, and what of it is left at run time', () => {
  const [file] = parse({
    'src/a/b.ts': `
      import '../effect.ts'
      import { one, type Two } from '../c/one.ts'
      import { type Three } from './three.ts'
      import type { Four } from './four.ts'
      import * as five from 'five/deep'
      import six from '@scope/six/deep'
      export { seven } from './seven.ts'
      export * from './eight.ts'
      export type { Nine } from './nine.ts'
      type Ten = import('./ten.ts').Ten
      const eleven = await import('./eleven.ts')
      // import './comment.ts'
      const text = "import './text.ts'"`,
  })
  assert.equal(
    file?.imports.map(({ target, specifier, typeOnly }) => [target ?? specifier, typeOnly]),
    [
      ['src/effect.ts', false],
      ['src/c/one.ts', false],
      ['src/a/three.ts', true],
      ['src/a/four.ts', true],
      ['five/deep', false],
      ['@scope/six/deep', false],
      ['src/a/seven.ts', false],
      ['src/a/eight.ts', false],
      ['src/a/nine.ts', true],
      ['src/a/ten.ts', true],
      ['src/a/eleven.ts', false],
    ],
  )
})

checker('names a dynamic import that nobody can follow', () => {
  const [file] = parse({ 'a.ts': 'await import(name + 1); await import(`./b.ts`)' })
  assert.equal(file?.unfollowed, ['name + 1'])
  assert.is(file?.imports[0]?.target, 'b.ts')
})

checker('finds circles of two, of three, and of one', () => {
  const files = parse({
    'a.ts': `import './b.ts'`,
    'b.ts': `import './c.ts'`,
    'c.ts': `export * from './a.ts'`,
    'd.ts': `import './e.ts'`,
    'e.ts': `const d = await import('./d.ts')`,
    'f.ts': `import './f.ts'; import './a.ts'`,
  })
  assert.equal(cycles(files), ['a.ts > b.ts > c.ts > a.ts', 'd.ts > e.ts > d.ts', 'f.ts > f.ts'])
})

checker('lets types go round, and two ways to one file', () => {
  const files = parse({
    'a.ts': `import './b.ts'; import './c.ts'`,
    'b.ts': `import './d.ts'; import type { A } from './a.ts'`,
    'c.ts': `import './d.ts'`,
    'd.ts': '',
  })
  assert.equal(cycles(files), [])
})

checker('finds imports against the direction', () => {
  const rules: DirectionRules = {
    'src/low': [],
    'src/high': ['src/low', 'type src/side', 'src/side/one.ts'],
    'src/side': [],
  }
  const files = parse({
    'src/low/a.ts': `import '../high/a.ts'`,
    'src/low/b.ts': `import './a.ts'`,
    'src/lower/a.ts': '',
    'src/high/a.ts': `import '../low/a.ts'; import '../side/one.ts'; import '../side/two.ts'`,
    'src/high/b.ts': `import type { Two } from '../side/two.ts'`,
    'src/side/two.ts': `import type { High } from '../high/a.ts'`,
    'src/side/one.ts': `import '../../bin/main.ts'`,
  })
  assert.equal(wrongDirections(files, rules), [
    'src/low/a.ts: src/low may not import src/high/a.ts',
    'src/lower/a.ts: no rule covers it',
    'src/high/a.ts: src/high may not import src/side/two.ts',
    'src/side/two.ts: src/side may not import type src/high/a.ts',
    'src/side/one.ts: src/side may not import bin/main.ts',
  ])
})

checker('finds a circle in the rules themselves', () => {
  assert.equal(ruleCycles({ a: ['b/file.ts'], b: ['type c'], c: ['a'] }), ['a > b > c > a'])
})

checker('finds packages outside their place, and packages nobody has placed', () => {
  const files = parse({
    'src/aws/a.ts': `import '@aws-sdk/client-kinesis'; import 'node:fs'`,
    'src/geo/a.ts': `import type { KinesisClient } from '@aws-sdk/client-kinesis'`,
    'src/geo/b.ts': `import 'rxjs/operators'; import 'left-pad'`,
  })
  const rules: PackageRules = { '@aws-sdk/*': ['src/aws'], rxjs: ['src/pipeline'] }
  assert.equal(wrongPackages(files, rules), [
    'src/geo/a.ts: may not import @aws-sdk/client-kinesis',
    'src/geo/b.ts: may not import rxjs',
    'src/geo/b.ts: package left-pad has no rule',
  ])
})

checker('finds clocks, timers and dice, but not the words', () => {
  const files = parse({
    'src/time/clock.ts': 'Date.now()',
    'src/a.ts': 'const now = Date.now; globalThis.performance.now(); new Date()',
    'src/b.ts': 'setTimeout(f, 1); Math.random(); globalThis.crypto.getRandomValues(x)',
    'src/c.ts': `// Date.now() is not for us
      const text = 'Math.random()'; clock.now(); new Date(0); sleeper.setTimeout(1)`,
  })
  assert.equal(ambientUses(files, ['src/time/clock.ts']), [
    'src/a.ts: Date.now',
    'src/a.ts: performance.now',
    'src/a.ts: new Date()',
    'src/b.ts: setTimeout',
    'src/b.ts: Math.random',
    'src/b.ts: crypto.getRandomValues',
  ])
})

checker('finds files that are too long, and imports of files that are not there', () => {
  const files = parse({ 'a.ts': `import './gone.ts'\n\n` })
  assert.equal(tooLong(files, 2), [])
  assert.equal(tooLong(files, 1), ['a.ts: got 2 lines, expected 1 at most'])
  assert.equal(missingTargets(files), ['a.ts: ./gone.ts is not among the files that were read'])
})

checker.run()
