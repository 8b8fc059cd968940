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

export interface Options {
  sections: SectionName[]
  /** Sizes of fleets, smallest first. */
  servers: number[]
  rounds: number
  /** Fewer of everything. */
  quick: boolean
  kind: 'ecs' | 'bms'
  latencyMs: number
  jobMs: number
  quietSeconds: number
  subjects: string[]
  out: string | null
}

/** Too long for a quick look: each takes minutes. */
const SLOW: SectionName[] = ['memory', 'limits', 'faults']

export const USAGE = `npm run bench -- [--quick] [--servers 1000,10000,100000] [--rounds 3] [--only contest,start] [--kind ecs|bms]
  [--latency 40] [--job 1000] [--quiet 60] [--subject NAME='COMMAND ARGUMENT …'] [--out FILE]
  sections: ${SECTIONS.join(' ')}`

/** Throws a plain error for a flag or a section that there is not. */
export function optionsOf(args: string[]): Options {
  const text = { type: 'string' as const }
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      servers: text,
      rounds: text,
      only: text,
      kind: text,
      latency: text,
      job: text,
      quiet: text,
      subject: { type: 'string', multiple: true, default: [] },
      out: text,
    },
  })
  const { quick } = values
  const usual = quick ? SECTIONS.filter(name => !SLOW.includes(name)) : [...SECTIONS]
  const asked = values.only?.split(',') ?? usual
  const unknown = asked.filter(
    name => !usual.includes(name as SectionName) && !SECTIONS.includes(name as SectionName),
  )
  if (unknown.length > 0)
    throw new Error(`--only: expected sections of ${SECTIONS.join(', ')}, got ${unknown}`)
  const servers = (values.servers ?? (quick ? '1000,10000' : '1000,10000,100000')).split(',').map(Number)
  return {
    sections: asked as SectionName[],
    servers: servers.toSorted((a, b) => a - b),
    rounds: Number(values.rounds ?? (quick ? 1 : 3)),
    quick,
    kind: values.kind === 'bms' ? 'bms' : 'ecs',
    latencyMs: Number(values.latency ?? 40),
    jobMs: Number(values.job ?? 1000),
    quietSeconds: Number(values.quiet ?? (quick ? 0 : 60)),
    subjects: values.subject,
    out: values.out ?? null,
  }
}
