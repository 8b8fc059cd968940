/** Shows how a run comes along. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ACTIONS } from '../../../lib/core/model/action.ts'
import { isEnded } from '../../../lib/core/model/run.ts'
import type { Api, ShownRun } from './api.ts'
import { count, duration, padded, type Screen } from './screen.ts'

interface Watch {
  api: Pick<Api, 'run'>
  screen: Screen
  runId: string
  /** Ends the watching, not the run. */
  ended: AbortSignal
  /** How long between two looks. */
  lookMs?: number
}

/** Shows how a run comes along until it has ended, and returns it; `null` when the watching was ended before. */
export async function watched({ api, screen, runId, ended, lookMs = 200 }: Watch): Promise<ShownRun | null> {
  const beganAt = performance.now()
  let shown = ''
  while (!ended.aborted) {
    const run = await api.run(runId)
    const elapsedMs = performance.now() - beganAt
    if (screen.live) screen.update(progressBlock(run, { elapsedMs, screen }))
    else if (progressLine(run) !== shown)
      screen.print(`  ${padded(duration(elapsedMs), 6)}  ${progressLine(run)}`)
    shown = progressLine(run)
    if (isEnded(run)) return run
    await sleep(lookMs, undefined, { signal: ended }).catch(() => undefined)
  }
  return null
}

/** All of it on one line; the same as long as nothing has changed. */
function progressLine({ action, status, summary, progress }: ShownRun): string {
  const { done, goalWord } = ACTIONS[action]
  if (status === 'pending') return 'waiting to be taken up'
  if (progress === undefined) return `listing servers: ${count(summary.matched)} matched so far`
  const { chunks, sent, followed } = progress
  return [
    `${sent} of ${chunks} chunks sent`,
    `${followed} of ${chunks} jobs followed to their end`,
    `${count(summary[done])} of ${count(summary.targets)} servers ${goalWord}`,
    ...(unwell(summary) > 0 ? [`${count(unwell(summary))} not ${done}`] : []),
  ].join(', ')
}

const unwell = ({ failed, unconfirmed }: ShownRun['summary']): number => failed + unconfirmed

/** The same as a few lines with bars, for a terminal. */
function progressBlock(
  run: ShownRun,
  { elapsedMs, screen }: { elapsedMs: number; screen: Screen },
): string[] {
  const { action, summary, progress = { chunks: 0, sent: 0, followed: 0 } } = run
  const { done, goalWord } = ACTIONS[action]
  const { chunks, sent, followed } = progress
  const row = (name: string, part: number, whole: number) => bar({ name, part, whole, screen })
  return [
    `  ${screen.styled('bold', run.status)}, ${duration(elapsedMs)}`,
    row('chunks sent', sent, chunks),
    row('jobs followed', followed, chunks),
    row(`servers ${goalWord}`, summary[done], summary.targets),
  ]
}

function bar({
  name,
  part,
  whole,
  screen,
}: {
  name: string
  part: number
  whole: number
  screen: Screen
}): string {
  const numbers = whole === 0 ? '…' : `${count(part)} of ${count(whole)}`
  const width = Math.min(40, screen.width - 43)
  const full = whole === 0 ? 0 : Math.round((part / whole) * width)
  const drawn = screen.styled('green', '█'.repeat(full)) + screen.styled('dim', '░'.repeat(width - full))
  return `  ${padded(name, 17)}${drawn}  ${numbers}`
}
