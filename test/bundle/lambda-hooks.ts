/** Preloaded by a process that runs Lambda's own runtime client: puts `lambda-client.ts` where it looks for its native part. */
import { registerHooks } from 'node:module'

const url = new URL('lambda-client.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('rapid-client.node')
      ? { url, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
})
