/** The signs of the chart: each has a shape of its own, so that nobody needs its colour. */
import type { Run } from '../api/types.ts'
import type { Tone } from '../words/run.ts'

const TRIANGLES: Record<Run['action'], string> = { stop: 'M-6-5H6L0 6z', start: 'M-6 5H6L0-6z' }

/** A stop points down, a start up; one that is skipped is hollow. */
export const ActionGlyph = ({ action, isSkipped }: { action: Run['action']; isSkipped: boolean }) => (
  <path class={isSkipped ? 'mark hollow' : `mark ${action}`} d={TRIANGLES[action]} />
)

/** How a run ended: a disc, a half disc, a cross, a ring, or a ring with a core. */
export function EndingGlyph({ tone }: { tone: Tone }) {
  if (tone === 'bad') return <path class="ending bad" d="M-4-4L4 4M4-4L-4 4" />
  return (
    <g class={`ending ${tone}`}>
      <circle r="4.5" class={tone === 'good' ? 'full' : 'ring'} />
      {tone === 'part' && <path class="full" d="M0-4.5A4.5 4.5 0 0 0 0 4.5z" />}
      {tone === 'busy' && <circle r="1.8" class="full" />}
    </g>
  )
}

/** One sign by itself, among words. */
const Sign = ({ children }: { children: preact.ComponentChildren }) => (
  <svg class="sign" viewBox="-8 -8 16 16" aria-hidden="true">
    {children}
  </svg>
)

export const ActionSign = ({ action, isSkipped }: { action: Run['action']; isSkipped: boolean }) => (
  <Sign>
    <ActionGlyph action={action} isSkipped={isSkipped} />
  </Sign>
)

export const EndingSign = ({ tone }: { tone: Tone }) => (
  <Sign>
    <EndingGlyph tone={tone} />
  </Sign>
)

/** Lines across what is skipped, one way; across what is snoozed, the other. */
export const Hatches = () => (
  <svg class="unseen" aria-hidden="true" focusable="false">
    <defs>
      <pattern id="hatch-skipped" width="7" height="7" patternUnits="userSpaceOnUse">
        <path class="hatch" d="M-1 8L8-1" />
      </pattern>
      <pattern id="hatch-snoozed" width="7" height="7" patternUnits="userSpaceOnUse">
        <path class="hatch" d="M-1-1L8 8" />
      </pattern>
    </defs>
  </svg>
)

const ENDINGS: [Tone, string][] = [
  ['good', 'succeeded'],
  ['part', 'partial'],
  ['bad', 'failed, blocked or missed'],
  ['quiet', 'cancelled or snoozed'],
  ['busy', 'goes on'],
]

const Swatch = ({ look }: { look: string }) => (
  <svg class="swatch" viewBox="0 0 22 12" aria-hidden="true">
    <rect class={look} width="22" height="12" rx="2" />
  </svg>
)

export const Legend = () => (
  <ul class="signs" aria-label="Signs">
    <li>
      <ActionSign action="stop" isSkipped={false} /> stop
    </li>
    <li>
      <ActionSign action="start" isSkipped={false} /> start
    </li>
    <li>
      <ActionSign action="stop" isSkipped /> will not act
    </li>
    <li>
      <Swatch look="off-past" /> was off
    </li>
    <li>
      <Swatch look="off-future" /> will be off
    </li>
    <li>
      <Swatch look="skipped" /> skipped day
    </li>
    <li>
      <Swatch look="snoozed" /> snoozed
    </li>
    {ENDINGS.map(([tone, word]) => (
      <li key={tone}>
        <EndingSign tone={tone} /> {word}
      </li>
    ))}
  </ul>
)
