/** Which functions are built. */
import type { Entry } from './bundle.ts'

const NAMES = ['tick', 'plan', 'stop', 'follow', 'notify', 'http']

/** The functions that are deployed, in the order of the line; `serverless.yml` names the same. */
export const FUNCTIONS: Omit<Entry, 'folder'>[] = NAMES.map(name => ({
  name,
  source: `functions/${name}.ts`,
  ...(name === 'http' ? { hasConsole: true } : {}),
}))
