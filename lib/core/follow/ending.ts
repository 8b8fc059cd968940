/** How a run ends, once each of its chunks is done. */
import { ACTIONS } from '../model/action.ts'
import { badEnds, codeKey, type Settled } from '../model/outcome.ts'
import { type Run, type RunStatus, Withheld } from '../model/run.ts'

export interface Ending {
  status: RunStatus
  /** Absent only for a plain success. */
  reason?: string
}

/** How many of a run's targets are where it was to bring them. */
const doneCount = ({ action, summary }: Pick<Run, 'action' | 'summary'>): number =>
  summary[ACTIONS[action].done]

/** Such as `1990 of 2001 targets stopped`. */
export const doneText = (run: Pick<Run, 'action' | 'summary'>): string =>
  `${doneCount(run)} of ${run.summary.targets} targets ${ACTIONS[run.action].done}`

/** Such as `1990 of 2001 targets stopped, 9 failed, 2 unconfirmed (job-failed 9, not-learnt 2)`. */
function numbersText(run: Run): string {
  const {
    summary: { failed, unconfirmed },
    codes,
  } = run
  const parts = [doneText(run), ...(failed ? [`${failed} failed`] : [])]
  if (unconfirmed) parts.push(`${unconfirmed} unconfirmed`)
  const causes = badEnds(codes)
    .map(({ code, count }) => `${code} ${count}`)
    .join(', ')
  return `${parts.join(', ')}${causes ? ` (${causes})` : ''}`
}

/** Whether any target was not asked for a cause that withheld it: where all had been, nothing but a second request was withheld. */
const hasUnsent = ({ codes }: Pick<Run, 'codes'>): boolean =>
  Withheld.shape.code.options.some(code => codeKey('skipped', code) in codes)

/** Where every target was refused, the words of one refusal say why: such as a permission that the key lacks. */
function refusalText(run: Run, settled: Iterable<Settled>): string {
  const isRefused = doneCount(run) === 0 && badEnds(run.codes).every(({ code }) => code === 'refused')
  const refused = isRefused ? [...settled].find(({ code }) => code === 'refused') : undefined
  return refused ? `: ${refused.reason}` : ''
}

/** How a run whose every chunk is done ends; `null` while one is not. `last`: what was settled in the chunk done last. */
export function endingOf(run: Run, last: Iterable<Settled> = []): Ending | null {
  const { summary, withheld, chunks, doneChunks, cancel } = run
  if (chunks === undefined || doneChunks.size < chunks) return null
  const said = numbersText(run)
  if (withheld?.code === 'blocked') return { status: 'blocked', reason: withheld.reason }
  if (withheld?.code === 'cancelled' || cancel)
    return {
      status: 'cancelled',
      reason: `cancelled by ${cancel?.actor ?? 'someone'}: ${cancel?.reason ?? 'no reason given'}; ${said}`,
    }
  const isHeldUp = withheld !== undefined && withheld.code !== 'dry-run'
  if (doneCount(run) === summary.targets && !(isHeldUp && hasUnsent(run))) return { status: 'succeeded' }
  return {
    status: doneCount(run) > 0 ? 'partial' : 'failed',
    reason: isHeldUp ? `${withheld.reason}; ${said}` : `${said}${refusalText(run, last)}`,
  }
}
