/** Who is measured beside whom. */
import { FOLDER } from './build.ts'
import { MEASURED, SERVING } from './machine.ts'

export interface Contestant {
  name: string
  command: string[]
  env: Record<string, string>
  /** `children`: the command itself serves; what it starts is measured. */
  measured: 'itself' | 'children'
  /** The cloud's limits, where there are any, are configured. */
  knowsLimits: boolean
  /** Measured no more often: it takes minutes, and they are spent waiting. */
  mostRounds?: number
}

const node = process.execPath
const peer = (program: string, env: Record<string, string> = {}): Omit<Contestant, 'name'> => ({
  command: [...MEASURED, node, `${FOLDER}/${program}.mjs`],
  env,
  measured: 'itself',
  knowsLimits: true,
})
const curfew = (env: Record<string, string> = {}, knowsLimits = true): Omit<Contestant, 'name'> => ({
  command: [...SERVING, node, 'bench/curfew/line.ts'],
  env: { MEASURED_LAUNCHER: MEASURED.join(' '), ...env },
  measured: 'children',
  knowsLimits,
})

/** V8 as Lambda's Node runtime starts it in a function of 256 MB: nine tenths for old objects, a twentieth for new ones. */
const FLAGS_256 = '--max-old-space-size=230 --max-semi-space-size=12'

const KNOWN: Record<string, Omit<Contestant, 'name'>> = {
  limit: peer('limit'),
  'limit-stream': peer('limit', { PARSE: 'stream' }),
  'limit-marker': peer('limit', { PAGES: 'marker' }),
  'limit-unverified': peer('limit', { VERIFY: 'no' }),
  'sdk-sequential': { ...peer('sdk'), mostRounds: 1 },
  'sdk-all': peer('sdk', { SIDE_BY_SIDE: 'yes' }),
  curfew: curfew(),
  'curfew-unconfigured': curfew({}, false),
  'curfew-split': curfew({ SPLIT: 'yes' }),
  'curfew-256': curfew({ SPLIT: 'yes', MEASURED_FLAGS: FLAGS_256 }),
}

/** By their names. Throws a plain error for one that is not known. */
export const contestants = (names: string[]): Contestant[] =>
  names.map(name => {
    const one = KNOWN[name]
    if (!one) throw new Error(`contestant: expected one of ${Object.keys(KNOWN).join(', ')}, got "${name}"`)
    return { name, ...one }
  })

/** Somebody else's: `NAME=COMMAND ARGUMENT …`. */
export function subject(text: string): Contestant {
  const [name = '', ...rest] = text.split('=')
  const words = rest.join('=').trim().split(/\s+/)
  return { name, command: [...MEASURED, ...words], env: {}, measured: 'itself', knowsLimits: true }
}
