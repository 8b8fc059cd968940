import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Who may import whom. A file belongs to the first room whose pattern its path matches. */
interface Room {
  pattern: RegExp
  /** Paths of ours, and packages, that it may import. */
  may: RegExp[]
  /** Paths of ours of which it may import types alone. */
  mayAsType?: RegExp[]
  /** What its text may not say, and why. */
  mayNotSay?: [RegExp, string][]
}

/** The rooms of core in their order: each may import those before it. */
const CORE_ROOMS = [
  ...['schedule', 'model', 'calendar', 'plan', 'stop', 'follow', 'savings', 'notify', 'tick', 'documents'],
  ...['preview', 'overview'],
]

const CORE = /^lib\/core\//
const PURE: [RegExp, string][] = [
  [/\bawait\b|\basync\b/, 'core never waits'],
  [/\bDate\.now\(|new Date\(\)|performance\./, 'time is an argument of core'],
  [/Math\.random\(|randomUUID/, 'randomness is an argument of core'],
  [/\bprocess\./, 'core knows no environment'],
]

const SHARED_BY_CLOUDS = /^lib\/cloud\/(http\/)?[^/]+\.ts$/
const CLOUDS = globSync('lib/cloud/*/*.ts')
  .map(path => posix.basename(posix.dirname(path)))
  .filter((name, place, all) => name !== 'http' && all.indexOf(name) === place)
const CLOUDS_MAY = [
  CORE,
  /^lib\/runtime\/concurrency\.ts$/,
  /^node:/,
  /^undici$/,
  /^zod$/,
  // Some clouds are Huawei's underneath, and answer with its codes.
  /^lib\/cloud\/huawei\/codes\.ts$/,
]

const ROOMS: Room[] = [
  {
    // Node's own knowledge of addresses and networks is pure, too.
    pattern: /^lib\/core\/notify\/webhook-address\.ts$/,
    may: [/^node:net$/],
    mayNotSay: [
      ...PURE,
      [/\b(Socket|Server|connect|create(Connection|Server))\b/, 'core opens no connection'],
    ],
  },
  {
    // Their form is the library's, what they mean is ours.
    pattern: /^lib\/core\/calendar\//,
    may: [/^lib\/core\/(schedule|model|calendar)\//, /^ical\.js$/, /^zod$/],
    mayNotSay: PURE,
  },
  ...CORE_ROOMS.map((room, place) => ({
    pattern: new RegExp(`^lib/core/${room}/`),
    may: [new RegExp(`^lib/core/(${CORE_ROOMS.slice(0, place + 1).join('|')})/`), /^zod$/, /^cron-parser$/],
    mayNotSay: PURE,
  })),
  { pattern: /^lib\/cloud\/registry\.ts$/, may: [CORE, /^lib\/cloud\//] },
  // What the clouds share knows none of them, and no cloud knows another.
  { pattern: SHARED_BY_CLOUDS, may: [SHARED_BY_CLOUDS, ...CLOUDS_MAY] },
  ...CLOUDS.map(cloud => ({
    pattern: new RegExp(`^lib/cloud/${cloud}/`),
    may: [new RegExp(`^lib/cloud/${cloud}/`), SHARED_BY_CLOUDS, ...CLOUDS_MAY],
  })),
  { pattern: /^lib\/aws\//, may: [CORE, /^lib\/aws\//, /^node:/, /^@aws-sdk\//, /^zod$/] },
  {
    pattern: /^lib\/runtime\/(concurrency|log|config|metrics|guarded-cloud|scaling-groups)\.ts$/,
    may: [
      ...[CORE, /^lib\/runtime\/log\.ts$/, /^zod$/, /^@aws-lambda-powertools\//],
      // Metrics are heard of in the process that emits them.
      /^node:diagnostics_channel$/,
    ],
  },
  {
    pattern: /^lib\/runtime\/(webhook|public-request|channel-post)\.ts$/,
    may: [CORE, /^lib\/runtime\/(public-request|webhook)\.ts$/, /^node:/],
  },
  {
    // The base reaches no cloud, bus or receiver: the bundle of the tick holds it alone.
    pattern: /^lib\/runtime\/services\/base\.ts$/,
    may: [
      /^lib\/aws\/(queue|store\/store)\.ts$/,
      /^lib\/runtime\/(config|log|metrics)\.ts$/,
      /^node:crypto$/,
      /^@aws-sdk\/client-(dynamodb|sqs)$/,
    ],
  },
  {
    pattern: /^lib\/runtime\/(services\/|open-cloud\.ts$)/,
    may: [/^lib\/(aws|cloud|core|runtime)\//, /^node:/, /^@aws-sdk\//],
  },
  {
    pattern: /^lib\/(runtime\/handler\.ts$|http\/)/,
    may: [
      CORE,
      /^lib\/http\//,
      // A preview of a start reads what its planning reads.
      /^lib\/steps\/plan\/open-servers\.ts$/,
      // Who asks for a calendar to be read anew gets what the daily fetch does.
      /^lib\/steps\/calendars\//,
      /^lib\/runtime\/(log|concurrency)\.ts$/,
      /^node:/,
      /^@middy\//,
      /^zod(-openapi)?$/,
      /^package\.json$/,
    ],
    mayAsType: [/^aws-lambda$/, /^lib\/runtime\/services\/services\.ts$/],
  },
  {
    pattern: /^lib\/steps\//,
    may: [CORE, /^lib\/steps\//, /^lib\/runtime\/(log|concurrency)\.ts$/],
    mayAsType: [/^lib\/runtime\/(handler|services\/\w+)\.ts$/],
    mayNotSay: [[/\bprocess\.env\b/, 'the environment is read in lib/runtime/config.ts alone']],
  },
  {
    pattern: /^functions\//,
    may: [CORE, /^lib\/(http|steps)\//, /^lib\/runtime\/(handler|services\/\w+)\.ts$/],
    mayNotSay: [[/\bprocess\.env\b/, 'the environment is read in lib/runtime/config.ts alone']],
  },
  {
    pattern: /^cli\//,
    may: [
      ...[CORE, /^cli\//, /^node:/, /^yaml$/, /^zod$/, /^@aws-sdk\//, /^@smithy\//],
      // Commands and their tables.
      ...[/^commander$/, /^string-width$/],
      // Tools for programs, in a room of their own.
      /^@modelcontextprotocol\/sdk\//,
      // What it sends and is answered is typed, and checked, by the schemas of the API.
      /^lib\/http\/schemas\/[\w-]+\.ts$/,
      // It serves the console by the rules by which the API serves it.
      ...[/^infra\/build\/console\.ts$/, /^lib\/http\/console-files\.ts$/, /^package\.json$/],
      // It makes lines of the file of tokens, which the local run reads.
      /^lib\/http\/access\/(role|token-file)\.ts$/,
    ],
  },
  {
    // A room of its own: it speaks HTTP alone, and takes the types of the API's documents.
    pattern: /^console\//,
    may: [/^console\//, /^preact(\/hooks)?$/],
    mayAsType: [/^lib\/http\/schemas\/[\w-]+\.ts$/, /^zod$/],
    mayNotSay: [
      [/innerHTML|insertAdjacentHTML|document\.write/, 'texts of others are never read as HTML'],
      [/\blocalStorage\b/, 'a token lives no longer than its tab'],
      [/\bprocess\./, 'a browser has no environment'],
    ],
  },
  { pattern: /^(infra|test|bench)\//, may: [/./] },
  { pattern: /^[^/]+\.ts$/, may: [/./] },
]
const LOCAL = /^infra\/(local|simulator)\//
const MAY_IMPORT_LOCAL = /^(infra\/(local|simulator)|test|bench)\//

interface Source {
  path: string
  text: string
}
interface Import {
  from: string
  typeOnly: boolean
  /** By a call, or for what it does: not by names. */
  whole: boolean
}

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')

function imports({ path, text }: Source): Import[] {
  const statements = withoutComments(text).matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'"\n;]*(?:\{[^}]*\}[^'"\n;]*)?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
  )
  return [...statements].map(([, type, named, dynamic, bare]) => {
    const target = named ?? dynamic ?? bare ?? ''
    return {
      from: target.startsWith('.') ? posix.join(posix.dirname(path), target) : target,
      typeOnly: type !== undefined,
      whole: named === undefined,
    }
  })
}

function violations(source: Source): string[] {
  const room = ROOMS.find(({ pattern }) => pattern.test(source.path))
  if (!room) return [`${source.path} is in no room`]
  const badImports = imports(source).flatMap(({ from, typeOnly }) => {
    if (LOCAL.test(from) && !MAY_IMPORT_LOCAL.test(source.path)) return [`${source.path} imports ${from}`]
    const allowed = [...room.may, ...(typeOnly ? (room.mayAsType ?? []) : [])]
    return allowed.some(pattern => pattern.test(from)) ? [] : [`${source.path} imports ${from}`]
  })
  const code = withoutComments(source.text)
  const badWords = (room.mayNotSay ?? []).flatMap(([words, why]) =>
    words.test(code) ? [`${source.path} says ${words.exec(code)![0]}: ${why}`] : [],
  )
  return [...badImports, ...badWords]
}

const sources = (): Source[] =>
  globSync('{functions,lib,infra,cli,console,test,bench}/**/*.{ts,tsx}').map(path => ({
    path,
    text: readFileSync(path, 'utf8'),
  }))

test('every file keeps to what its room may import and say', () => {
  const all = sources()
  expect(all.length).toBeGreaterThan(50)
  expect(all.flatMap(violations)).toEqual([])
})

test('no file of the product has more than 200 lines of code', () => {
  const lines = ({ text }: Source) =>
    withoutComments(text)
      .split('\n')
      .filter(line => line.trim() !== '').length
  const product = sources().filter(({ path }) => !path.startsWith('test/'))
  const long = product
    .map(source => `${source.path} ${lines(source)}`)
    .filter(line => Number(line.split(' ')[1]) > 200)
  expect(long).toEqual([])
})

test('functions are entry points alone: 40 lines each at most, with nothing beside them', () => {
  const entries = sources().filter(({ path }) => path.startsWith('functions/'))
  expect(entries.map(({ path }) => posix.basename(path, '.ts'))).toEqual(
    expect.arrayContaining(['tick', 'plan', 'stop', 'follow', 'notify', 'http']),
  )
  expect(entries).toHaveLength(6)
  expect(entries.filter(({ text }) => text.split('\n').length > 40).map(({ path }) => path)).toEqual([])
})

/** `path name` of all that a file takes of others by name; `path *` where it takes a whole one. */
function taken(source: Source): string[] {
  const named = /(?:import|export)\s+(?:type\s)?\{([^}]*)\}\s+from\s+['"](\.[^'"]+)['"]/g
  const byName = [...withoutComments(source.text).matchAll(named)].flatMap(([, names, from]) => {
    const path = posix.join(posix.dirname(source.path), from!)
    return names!.split(',').map(name => `${path} ${name.trim().replace(/^type |\sas\s.*/g, '')}`)
  })
  return [...byName, ...imports(source).flatMap(({ from, whole }) => (whole ? [`${from} *`] : []))]
}

const EXPORT = /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm
/** Named in `serverless.yml`, or put in the place of another file when a function is bundled. */
const TAKEN_ELSEWHERE = /^functions\/\w+\.ts handler$|^infra\/build\/lambda-/

function unused(all: Source[]): string[] {
  const used = new Set(all.flatMap(taken))
  const exports = all.flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(EXPORT)].map(([, name]) => ({ path, name })),
  )
  return exports
    .filter(({ path, name }) => !used.has(`${path} ${name}`) && !used.has(`${path} *`))
    .map(({ path, name }) => `${path} ${name}`)
    .filter(one => /^(functions|lib|infra|cli|console)\//.test(one) && !TAKEN_ELSEWHERE.test(one))
}

test('what the product exports is imported somewhere', () => {
  expect(unused(sources())).toEqual([])
})

const isCode = ({ path }: Source): boolean => /^(functions|lib|console)\//.test(path)

const MAX_FILES = 12

/** `folder count` of folders that hold more files than a reader takes in at once. */
function crowded(all: Source[]): string[] {
  const folders = Map.groupBy(all.filter(isCode), ({ path }) => posix.dirname(path))
  return [...folders].flatMap(([folder, files]) =>
    files.length > MAX_FILES ? `${folder} ${files.length}` : [],
  )
}

test('no folder of functions, lib and console holds more than twelve files', () => {
  expect(crowded(sources())).toEqual([])
})

const FUNCTION_OR_TYPE =
  /^(?:export )?(?:async )?function\*? ?(\w+)|^(?:export )?const (\w+) = (?:async )?(?:\([^\n]*\)|\w+)(?:: [^=\n]+)? =>|^(?:export )?(?:interface|type) (\w+)/gm

/** `name: files` of top-level functions and types that more than one file defines. */
function definedTwice(all: Source[]): string[] {
  const defined = all.filter(isCode).flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(FUNCTION_OR_TYPE)].map(([, one, other, type]) => ({
      name: one ?? other ?? type ?? '',
      path,
    })),
  )
  return [...Map.groupBy(defined, ({ name }) => name)].flatMap(([name, places]) => {
    const paths = [...new Set(places.map(({ path }) => path))]
    return paths.length > 1 ? `${name}: ${paths.join(', ')}` : []
  })
}

test('no name of a function or a type is defined in two files', () => {
  const all = sources()
  const inConsole = ({ path }: Source) => path.startsWith('console/')
  // The console never meets the names of the server, and shows the same documents.
  expect(definedTwice(all.filter(source => !inConsole(source)))).toEqual([])
  expect(definedTwice(all.filter(inConsole))).toEqual([])
})

/** A literal that is spread into another says nothing that its fields would not say in their places. */
const SPREAD_LITERAL = /\.\.\.\{(?![^{}]*\}\[\])/

test('no literal is spread into another', () => {
  const spread = ({ text }: Source): boolean => SPREAD_LITERAL.test(withoutComments(text))
  const own = 'test/architecture.test.ts'
  expect(sources().flatMap(source => (spread(source) && source.path !== own ? source.path : []))).toEqual([])
  expect(spread({ path: 'lib/a.ts', text: 'const a = { ...{ b: 1 }, c: 2 }' })).toBe(true)
  expect(spread({ path: 'lib/a.ts', text: 'type A = [B, ...{ c: string }[]]' })).toBe(false)
})

/** Words of a cloud: its error codes, states and calls. A reason may quote them. */
const DIALECT = /\b(Ecs|BMS|Common|APIGW)\.\d{3,4}\b|'(ACTIVE|SHUTOFF|ERROR|DELETED)'|'os-\w+'|'http-\d+'/

const dialect = (all: Source[]): string[] =>
  all
    .filter(({ path }) => CORE.test(path))
    .flatMap(({ path, text }) => {
      const word = DIALECT.exec(withoutComments(text))?.[0]
      return word === undefined ? [] : `${path} says ${word}: lib/cloud translates it`
    })

test("core knows no cloud's codes, states or calls", () => {
  expect(dialect(sources())).toEqual([])
})

/** What is left once every file is taken away that imports none of the others, or that none of them imports. */
function circular(all: Source[]): string[] {
  const left = new Map(all.map(source => [source.path, imports(source).map(({ from }) => from)]))
  for (;;) {
    const imported = new Set([...left.values()].flat())
    const free = [...left].filter(([path, from]) => !imported.has(path) || !from.some(one => left.has(one)))
    if (free.length === 0) return [...left.keys()]
    for (const [path] of free) left.delete(path)
  }
}

test('no files of the product import each other in a circle', () => {
  expect(circular(sources().filter(({ path }) => /^(functions|lib|infra|cli|console)\//.test(path)))).toEqual(
    [],
  )
})

describe('the rules catch who breaks them', () => {
  test.each([
    [
      'lib/core/plan/select.ts',
      "import { readFileSync } from 'node:fs'",
      'lib/core/plan/select.ts imports node:fs',
    ],
    [
      'lib/core/plan/select.ts',
      "import { x } from '../../aws/store/store.ts'",
      'lib/core/plan/select.ts imports lib/aws/store/store.ts',
    ],
    [
      'lib/core/plan/select.ts',
      'const now = Date.now()',
      'lib/core/plan/select.ts says Date.now(: time is an argument of core',
    ],
    [
      'lib/core/plan/select.ts',
      'async function x() {}',
      'lib/core/plan/select.ts says async: core never waits',
    ],
    [
      'lib/cloud/huawei/sign.ts',
      "import { x } from '../../aws/store/store.ts'",
      'lib/cloud/huawei/sign.ts imports lib/aws/store/store.ts',
    ],
    [
      'lib/cloud/openstack/servers.ts',
      "import { x } from '../huawei/page.ts'",
      'lib/cloud/openstack/servers.ts imports lib/cloud/huawei/page.ts',
    ],
    [
      'lib/cloud/http/request.ts',
      "import { x } from '../huawei/sign.ts'",
      'lib/cloud/http/request.ts imports lib/cloud/huawei/sign.ts',
    ],
    [
      'lib/cloud/huawei/sign.ts',
      "import { readConfig } from '../../runtime/config.ts'",
      'lib/cloud/huawei/sign.ts imports lib/runtime/config.ts',
    ],
    [
      'lib/aws/store/store.ts',
      "export { x } from '../../cloud/registry.ts'",
      'lib/aws/store/store.ts imports lib/cloud/registry.ts',
    ],
    [
      'lib/runtime/handler.ts',
      "import { x } from '../aws/store/store.ts'",
      'lib/runtime/handler.ts imports lib/aws/store/store.ts',
    ],
    [
      'lib/steps/stop/stop.ts',
      "import { x } from '../../runtime/services/cloud.ts'",
      'lib/steps/stop/stop.ts imports lib/runtime/services/cloud.ts',
    ],
    [
      'lib/runtime/services/base.ts',
      "import { x } from '../open-cloud.ts'",
      'lib/runtime/services/base.ts imports lib/runtime/open-cloud.ts',
    ],
    ['functions/stop.ts', "import middy from '@middy/core'", 'functions/stop.ts imports @middy/core'],
    ['functions/stop.ts', "const x = await import('undici')", 'functions/stop.ts imports undici'],
    [
      'functions/stop.ts',
      'const x = process.env.X',
      'functions/stop.ts says process.env: the environment is read in lib/runtime/config.ts alone',
    ],
    [
      'infra/build/build.ts',
      "import { x } from '../local/start.ts'",
      'infra/build/build.ts imports infra/local/start.ts',
    ],
    ['somewhere/else.ts', '', 'somewhere/else.ts is in no room'],
  ])('%s: %s', (path, text, expected) => {
    expect(violations({ path, text })).toContain(expected)
  })

  test('an export that nobody imports', () => {
    const used = { path: 'lib/a.ts', text: 'export const one = 1\nexport interface Two {}' }
    const by = { path: 'lib/b.ts', text: "import { one as first } from './a.ts'" }
    expect(unused([used, by])).toEqual(['lib/a.ts Two'])
    expect(unused([used, { ...by, text: "const all = import('./a.ts')" }])).toEqual([])
  })

  test('a folder of thirteen files', () => {
    const files = Array.from({ length: 13 }, (_, number) => ({ path: `lib/x/${number}.ts`, text: '' }))
    expect(crowded(files)).toEqual(['lib/x 13'])
    expect(crowded(files.slice(1))).toEqual([])
  })

  test('a name that two files define', () => {
    const text = 'export const readOne = (id: string) => id\ninterface One {}'
    const twice = [
      { path: 'lib/a.ts', text },
      { path: 'lib/b.ts', text },
    ]
    expect(definedTwice(twice)).toEqual(['readOne: lib/a.ts, lib/b.ts', 'One: lib/a.ts, lib/b.ts'])
  })

  test.each(["'ACTIVE'", "'Ecs.0605'", "{ 'os-stop': {} }"])('core that says %s', word => {
    const path = 'lib/core/plan/select.ts'
    const said = word.replace(/[{}:]|'(?=Ecs)|(?<=0605)'/g, '').trim()
    expect(dialect([{ path, text: `const x = ${word}` }])).toEqual([
      `${path} says ${said}: lib/cloud translates it`,
    ])
  })

  test('a circle, even one of types alone', () => {
    const a = { path: 'lib/a.ts', text: "import { b } from './b.ts'" }
    const b = { path: 'lib/b.ts', text: "import type { A } from './a.ts'" }
    expect(circular([a, b])).toEqual(['lib/a.ts', 'lib/b.ts'])
    expect(circular([a, { ...b, text: '' }])).toEqual([])
  })

  test('a type may be imported where the thing itself may not', () => {
    const text = "import type { StopServices } from '../../runtime/services/services.ts'"
    expect(violations({ path: 'lib/steps/stop/stop.ts', text })).toEqual([])
  })
})
