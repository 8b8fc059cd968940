/** Bundles one function into the files that are deployed. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { builtinModules } from './builtin-modules.ts'
import { buildConsole } from './console.ts'
import { leanPackages } from './lean-packages.ts'
import { type Share, shares } from './shares.ts'
import { type ZipEntry, zip } from './zip.ts'

/** What one function became. Sizes are in bytes. */
export interface Bundle {
  name: string
  size: number
  /** What of it a start loads: without the parts that are loaded when first needed. */
  startSize: number
  zipSize: number
  /** Where the bytes come from, the most first. */
  from: Share[]
}

export interface Entry {
  name: string
  /** The function's source file, from the working directory. */
  source: string
  /** Whether the console's files lie beside its code, below `console/`. */
  hasConsole?: true
  /** Where the bundles are left. */
  folder: string
}

const compiled = ({ name, source, folder }: Entry) =>
  build({
    entryPoints: { index: source },
    outdir: join(folder, name),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported when first needed is a file of its own: a start pays for each byte of those it loads.
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // `module` first: packages' ES modules can be shaken, their CommonJS cannot.
    mainFields: ['module', 'main'],
    // Undici's own switch for bundles such as Node's: without the second HTTP parser it carries, 150 kB.
    define: { esbuildDetection: 'true' },
    plugins: [leanPackages, builtinModules],
    minify: true,
    sourcemap: 'linked',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })

type Outputs = Metafile['outputs']

const codeFiles = (outputs: Outputs): string[] => Object.keys(outputs).filter(path => path.endsWith('.mjs'))

/** The bytes of a file, and of all that it imports at once. */
function loadedBytes(outputs: Outputs, path: string, loaded = new Set<string>()): number {
  const output = outputs[path]
  if (!output || loaded.has(path)) return 0
  loaded.add(path)
  const imported = output.imports.filter(({ kind }) => kind === 'import-statement')
  return imported.reduce((sum, one) => sum + loadedBytes(outputs, one.path, loaded), output.bytes)
}

/** A function's code as it lies in its archive. */
const codeOf = (outputs: Outputs): Promise<ZipEntry[]> =>
  Promise.all(
    codeFiles(outputs)
      .toSorted()
      .map(async path => ({ name: basename(path), bytes: await readFile(path) })),
  )

async function filesBeside({ name, hasConsole, folder }: Entry): Promise<ZipEntry[]> {
  if (!hasConsole) return []
  const console = join(folder, name, 'console')
  const names = await buildConsole(console)
  return Promise.all(
    names
      .toSorted()
      .map(async one => ({ name: `console/${one}`, bytes: await readFile(join(console, one)) })),
  )
}

/**
 * Bundles one function for Lambda: `<folder>/<name>/index.mjs` with the parts that it loads when first needed, source maps
 * beside them, and `<folder>/<name>.zip` with the code and what lies beside it. The same source gives the same bytes.
 */
export async function bundle(entry: Entry): Promise<Bundle> {
  const { name, folder } = entry
  await rm(join(folder, name), { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const { metafile } = await compiled(entry)
  const { outputs } = metafile
  const code = await codeOf(outputs)
  const archive = zip([...code, ...(await filesBeside(entry))])
  await writeFile(join(folder, `${name}.zip`), archive)
  const start = codeFiles(outputs).find(path => basename(path) === 'index.mjs')
  return {
    name,
    size: code.reduce((sum, { bytes }) => sum + bytes.length, 0),
    startSize: loadedBytes(outputs, start ?? ''),
    zipSize: archive.length,
    from: shares(metafile),
  }
}
