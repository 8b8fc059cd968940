/** A plugin of the bundler for Node's own modules. */
import { isBuiltin } from 'node:module'
import type { OnResolveArgs, Plugin } from 'esbuild'

// Importing these as ES modules, at once or later, evaluates every lazy getter they have: 8 to 30 ms of a cold start.
const SLOW_TO_IMPORT = /^(node:)?(http|https|http2)$/

// An ES module has no `require`, which bundled CommonJS packages still call.
const isRequired = ({ kind, path }: OnResolveArgs): boolean => kind === 'require-call' && isBuiltin(path)

const NAMESPACE = 'builtin'

/** Reaches Node's own modules through `process.getBuiltinModule` where an import would be slow or impossible. */
export const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, found =>
      isRequired(found) || SLOW_TO_IMPORT.test(found.path)
        ? { path: found.path.replace(/^node:/, ''), namespace: NAMESPACE }
        : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
      loader: 'js',
    }))
  },
}
