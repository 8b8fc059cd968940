import type { Run } from '../api/types.ts'
import { isSnoozedRun, statusTone, type Tone } from '../words/run.ts'

/** A word in its colour. */
export const ToneWord = ({ tone, children }: { tone: Tone; children: string }) => (
  <span class={`word ${tone}`}>{children}</span>
)

/** How a run stands. */
export const RunStatus = ({ run }: { run: Run }) => (
  <ToneWord tone={statusTone(run.status)}>{isSnoozedRun(run) ? 'snoozed' : run.status}</ToneWord>
)
