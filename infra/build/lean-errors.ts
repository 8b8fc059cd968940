import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

// Generated; each line makes one error class of the service's, with its schema, part of every bundle.
const REGISTERED = /^n0_registry\.registerError\(.*\);$/gm

/**
 * Leaves out the classes of the 140 errors that Parameter Store's service knows, 40 kB: an error is told by its name, which the
 * SDK's plain one for the service has as well.
 */
export const leanErrors: Plugin = {
  name: 'lean-errors',
  setup(build) {
    build.onLoad({ filter: /client-ssm\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const contents = text.replaceAll(REGISTERED, '')
      if (contents === text)
        throw new Error(`${path}: expected lines that register errors: the SDK has changed`)
      return { contents, loader: 'js' }
    })
  },
}
