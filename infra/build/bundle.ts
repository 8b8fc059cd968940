import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { builtinModules } from './builtin-modules.ts'
import { buildConsole } from './console.ts'
import { leanPackages } from './lean-packages.ts'
import { type Share, shares } from './shares.ts'
import { type ZipEntry, zip } from './zip.ts'

/** What one function became. Sizes are in bytes. */
export interface Bundle {
  name: string
  size: number
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
    entryPoints: [source],
    outfile: join(folder, name, 'index.mjs'),
    bundle: true,
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
 * Bundles one function for Lambda: `<folder>/<name>/index.mjs` with its source map beside it, and `<folder>/<name>.zip`
 * with the code and what lies beside it. The same source gives the same bytes.
 */
export async function bundle(entry: Entry): Promise<Bundle> {
  const { name, folder } = entry
  await rm(join(folder, name), { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const { metafile } = await compiled(entry)
  const bytes = await readFile(join(folder, name, 'index.mjs'))
  const archive = zip([{ name: 'index.mjs', bytes }, ...(await filesBeside(entry))])
  await writeFile(join(folder, `${name}.zip`), archive)
  return { name, size: bytes.length, zipSize: archive.length, from: shares(metafile) }
}
