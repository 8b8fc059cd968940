/** How a run begins, adds up and ends. */
import type { RunPolicy } from './model.ts'
import {
  codeKey,
  NO_SERVERS,
  type Outcome,
  type OutcomeStatus,
  type Run,
  type RunStatus,
  type Settled,
  type Summary,
  type WholeChunk,
  Withheld,
  wantsWebhook,
} from './work.ts'

/** A run of a policy that nobody has taken up yet; who wants it, and when it is due, is still to be said. */
export const newRun = ({ connection, kind, webhook }: RunPolicy) => ({
  ...{ connection, kind, ...wantsWebhook({ webhook }) },
  status: 'pending' as const,
  summary: NO_SERVERS,
  codes: {},
  scope: 0,
  planning: 0,
  owner: '',
  fleet: 0,
  doneChunks: new Set<number>(),
})

/** What one finished chunk adds to its run, once. */
export interface Delta {
  /** Targets that were left after all: they move from targets to skipped. */
  skipped: number
  stopped: number
  failed: number
  unconfirmed: number
  codes: Record<string, number>
}

/** The settled members of a chunk, counted. */
export function delta(settled: Iterable<Settled>): Delta {
  const counts: Record<OutcomeStatus, number> = { stopped: 0, skipped: 0, failed: 0, unconfirmed: 0 }
  const codes: Record<string, number> = {}
  for (const { status, code } of settled) {
    counts[status]++
    const key = codeKey(status, code)
    codes[key] = (codes[key] ?? 0) + 1
  }
  return { ...counts, codes }
}

/** The outcomes of a chunk's members, as far as they are settled. */
export function outcomes({ servers, settled }: Pick<WholeChunk, 'servers' | 'settled'>): Outcome[] {
  return servers.flatMap(({ id, name }, member) => {
    const one = settled.get(member)
    return one ? [{ serverId: id, name, ...one }] : []
  })
}

export interface Ending {
  status: RunStatus
  /** Absent only for a plain success. */
  reason?: string
}

/** Such as `1990 of 2001 targets stopped, 9 failed, 2 unconfirmed (job-failed 9, not-learnt 2)`. */
function numbers({ stopped, targets, failed, unconfirmed }: Summary, codes: Run['codes']): string {
  const parts = [`${stopped} of ${targets} targets stopped`, ...(failed ? [`${failed} failed`] : [])]
  if (unconfirmed) parts.push(`${unconfirmed} unconfirmed`)
  const why = Object.entries(codes).filter(([key]) => /^(failed|unconfirmed)\//.test(key))
  const causes = why.map(([key, count]) => `${key.slice(key.indexOf('/') + 1)} ${count}`).join(', ')
  return `${parts.join(', ')}${causes ? ` (${causes})` : ''}`
}

const fallsShort = (summary: Summary): RunStatus => (summary.stopped > 0 ? 'partial' : 'failed')

/** Whether any target was not asked for a cause that withheld it: where all had been, nothing but a second request was withheld. */
const leftUnsent = ({ codes }: Pick<Run, 'codes'>): boolean =>
  Withheld.shape.code.options.some(code => codeKey('skipped', code) in codes)

/** How a run whose every chunk is done ends; `null` while one is not. */
export function ending(run: Run): Ending | null {
  const { summary, withheld, chunks, doneChunks, cancel } = run
  if (chunks === undefined || doneChunks.size < chunks) return null
  const said = numbers(summary, run.codes)
  if (withheld?.code === 'blocked') return { status: 'blocked', reason: withheld.reason }
  if (withheld?.code === 'cancelled' || cancel)
    return {
      status: 'cancelled',
      reason: `cancelled by ${cancel?.actor ?? 'someone'}: ${cancel?.reason ?? 'no reason given'}; ${said}`,
    }
  const isHeldUp = withheld !== undefined && withheld.code !== 'dry-run'
  if (summary.stopped === summary.targets && !(isHeldUp && leftUnsent(run))) return { status: 'succeeded' }
  return { status: fallsShort(summary), reason: isHeldUp ? `${withheld.reason}; ${said}` : said }
}
