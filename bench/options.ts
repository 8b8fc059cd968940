/** How much is measured: all of it, what `--quick` leaves, or what flags say. */
import { parseArgs } from 'node:util'

export const SECTIONS = [
  'contest',
  'memory',
  'limits',
  'faults',
  'start',
  'schedule',
  'sign',
  'counts',
  'month',
] as const
export type SectionName = (typeof SECTIONS)[number]
const KINDS = ['ecs', 'bms'] as const

export interface Options {
  sections: SectionName[]
  /** Sizes of fleets, smallest first. */
  servers: number[]
  /** Sizes of fleets of which memory is measured, smallest first. */
  memoryServers: number[]
  rounds: number
  /** Fewer of everything. */
  quick: boolean
  kind: (typeof KINDS)[number]
  latencyMs: number
  jobMs: number
  quietSeconds: number
  /** Others' contestants, each `NAME=COMMAND ARGUMENT …`. */
  subjects: string[]
  out: string | null
  /** Whether the picture in the README is drawn anew. */
  plot: boolean
  help: boolean
}

/** Too long for a quick look: each takes minutes. */
const SLOW: SectionName[] = ['memory', 'limits', 'faults']
/** A server's number has seven digits in its name. */
const MOST_SERVERS = 9_999_999

export const USAGE = `npm run bench -- [--quick] [--only contest,start] [--servers 1000,10000,100000] [--rounds 3] [--kind ecs|bms]
  [--memory 100000,1000000] [--latency 40] [--job 1000] [--quiet 60] [--subject NAME='COMMAND ARGUMENT …'] [--out FILE] [--plot]
  sections: ${SECTIONS.join(' ')}`

const FLAGS = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  servers: { type: 'string' },
  memory: { type: 'string' },
  rounds: { type: 'string' },
  kind: { type: 'string' },
  latency: { type: 'string' },
  job: { type: 'string' },
  quiet: { type: 'string' },
  subject: { type: 'string', multiple: true },
  out: { type: 'string' },
  plot: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const wrong = (flag: string, expected: string, got: string): Error =>
  new Error(`--${flag}: expected ${expected}, got "${got}"`)

interface Bounds {
  least: number
  most: number
}

function whole(flag: string, text: string, { least, most }: Bounds): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw wrong(flag, `a whole number from ${least} to ${most}`, text)
}

const sizes = (flag: string, text: string): number[] =>
  text
    .split(',')
    .map(one => whole(flag, one, { least: 1, most: MOST_SERVERS }))
    .toSorted((a, b) => a - b)

function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find(one => one === text)
  if (found === undefined) throw wrong(flag, `one of ${known.join(', ')}`, text)
  return found
}

function subjectOf(text: string): string {
  if (!/^[^=\s]+=\s*\S/.test(text)) throw wrong('subject', "NAME='COMMAND ARGUMENT …'", text)
  return text
}

/** Throws a plain error that says what was expected of a flag and what came. */
export function optionsOf(args: string[]): Options {
  const { values } = parseArgs({ args, options: FLAGS })
  const { quick } = values
  const usual = quick ? SECTIONS.filter(name => !SLOW.includes(name)) : [...SECTIONS]
  const ms = { least: 0, most: 3_600_000 }
  return {
    sections: values.only?.split(',').map(name => oneOf('only', name, SECTIONS)) ?? usual,
    servers: sizes('servers', values.servers ?? (quick ? '1000,5000' : '1000,10000,100000')),
    memoryServers: sizes('memory', values.memory ?? (quick ? '1000,10000' : '100000,1000000')),
    rounds: whole('rounds', values.rounds ?? (quick ? '1' : '3'), { least: 1, most: 1000 }),
    quick,
    kind: oneOf('kind', values.kind ?? 'ecs', KINDS),
    latencyMs: whole('latency', values.latency ?? '40', ms),
    jobMs: whole('job', values.job ?? '1000', ms),
    quietSeconds: whole('quiet', values.quiet ?? (quick ? '0' : '60'), { least: 0, most: 3600 }),
    subjects: (values.subject ?? []).map(subjectOf),
    out: values.out ?? null,
    plot: values.plot,
    help: values.help,
  }
}
