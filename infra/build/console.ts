/** The console as the browser gets it: one script, one style sheet, an icon, and the page that names them. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const SOURCE = fileURLToPath(new URL('../../console', import.meta.url))

/** Elements as calls of `h`, whose arguments are shorter than the properties of `preact/jsx-runtime`. */
const shortElements: Plugin = {
  name: 'short-elements',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.tsx$/ }, async ({ path }) => ({
      loader: 'tsx',
      contents: `import { h as $h, Fragment as $Fragment } from 'preact';${await readFile(path, 'utf8')}`,
    })),
}

/**
 * Builds the console into a folder, which is emptied first: `index.html` and files whose names hold a hash of what is in
 * them. The same source gives the same bytes. Returns the names of the files.
 */
export async function buildConsole(folder: string): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  const { metafile } = await build({
    entryPoints: {
      app: join(SOURCE, 'main.tsx'),
      style: join(SOURCE, 'style.css'),
      icon: join(SOURCE, 'icon.svg'),
    },
    absWorkingDir: SOURCE,
    // Not below the sources, which its paths are read from.
    outdir: resolve(folder),
    entryNames: '[name]-[hash]',
    // What few need comes when it is needed: the login at an issuer.
    splitting: true,
    chunkNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // Not as the sources' own settings have it.
    tsconfigRaw: {},
    jsxFactory: '$h',
    jsxFragment: '$Fragment',
    plugins: [shortElements],
    loader: { '.svg': 'copy' },
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  const names = Object.keys(metafile.outputs).map(path => basename(path))
  const page = await readFile(join(SOURCE, 'index.html'), 'utf8')
  const named = page.replaceAll(/\{(app|style|icon)\}/g, (_, part) => nameOfPart(names, part))
  await writeFile(join(folder, 'index.html'), named)
  return ['index.html', ...names]
}

function nameOfPart(names: string[], part: string): string {
  const name = names.find(one => one.startsWith(`${part}-`))
  if (name === undefined)
    throw new Error(`the build of the console made no ${part}: it made ${names.join(', ')}`)
  return name
}
