/** Makes what the contest runs into `.build/bench`: no process that is measured strips types. */
import { build } from 'esbuild'
import { bundle } from '../../infra/build/bundle.ts'
import { FUNCTIONS } from '../../infra/build/functions.ts'

export const FOLDER = '.build/bench'

/** Packages stay outside, as a user's script has them. */
const program = (source: string, name: string) =>
  build({
    entryPoints: [source],
    outfile: `${FOLDER}/${name}.mjs`,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  })

export async function buildContest(): Promise<void> {
  const whole = { name: 'functions', source: 'bench/curfew/functions.ts' }
  await Promise.all([
    program('bench/peers/sdk.ts', 'sdk'),
    program('bench/peers/limit.ts', 'limit'),
    program('bench/curfew/host.ts', 'host'),
    ...[whole, ...FUNCTIONS].map(one => bundle({ ...one, folder: FOLDER })),
  ])
}
