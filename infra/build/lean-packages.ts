import { join } from 'node:path'
import type { Plugin } from 'esbuild'

const beside = (name: string): string => join(import.meta.dirname, name)

/** Packages of which we need a fraction, and the file that gives that fraction: each saves 3 % of a start or more. */
const LEAN: Record<string, string> = {
  '@aws-sdk/credential-provider-node': beside('lambda-credentials.ts'),
  luxon: beside('lean-luxon.js'),
  undici: beside('lean-undici.js'),
}

/** Puts a lean file in the place of a whole package; paths inside the package still lead there. */
export const leanPackages: Plugin = {
  name: 'lean-packages',
  setup(build) {
    build.onResolve({ filter: /^(luxon|undici|@aws-sdk\/credential-provider-node)$/ }, ({ path }) => ({
      path: LEAN[path]!,
    }))
  },
}

/**
 * Leaves out the cloud's adapters, and with them the readers of its keys: what wires every function names them, though some
 * never call the cloud.
 */
export const withoutCloud: Plugin = {
  name: 'without-cloud',
  setup(build) {
    build.onResolve({ filter: /\/cloud\/cloud\.ts$/ }, () => ({ path: beside('no-cloud.ts') }))
    build.onResolve({ filter: /\/secret-readers\.ts$/ }, () => ({ path: beside('no-secrets.ts') }))
  },
}
