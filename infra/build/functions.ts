import type { Entry } from './bundle.ts'

const entry = (name: string, { callsCloud }: Pick<Entry, 'callsCloud'>) => ({
  name,
  source: `functions/${name}.ts`,
  callsCloud,
})

/** The functions that are deployed, in the order of the line; `serverless.yml` names the same. */
export const FUNCTIONS: Omit<Entry, 'folder'>[] = [
  // It reads no secret either: see its role in infra/aws/access.yml.
  entry('tick', { callsCloud: false }),
  entry('plan', { callsCloud: true }),
  entry('stop', { callsCloud: true }),
  entry('follow', { callsCloud: true }),
  entry('notify', { callsCloud: true }),
  entry('http', { callsCloud: true }),
]
