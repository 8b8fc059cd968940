import { useEffect, useRef } from 'preact/hooks'
import type { NowAnswer } from '../api/types.ts'
import { reloadAll, useAnswer } from '../api/use-answer.ts'
import { Button } from '../parts/button.tsx'
import { Loaded } from '../parts/problem.tsx'
import { noteServerTime, serverNow } from '../parts/when.tsx'
import { openSwitches } from '../switches.tsx'
import { WeekStrip } from '../week/strip.tsx'
import { NeedsYou } from './attention.tsx'
import { Quiet } from './beginning.tsx'
import { Latest } from './latest.tsx'
import { NextCard } from './next-card.tsx'
import { UnderWay } from './under-way.tsx'
import { nextPollMs } from './words.ts'

export function Now() {
  const shown = useAnswer<NowAnswer>('/v1/now', answer => nextPollMs(answer, serverNow()))
  const { data } = shown
  useEffect(() => {
    if (data) noteServerTime(data.at)
  }, [data])
  useSwitchedElsewhere(data)
  return (
    <>
      <h1>Now</h1>
      <Loaded shown={shown}>{answer => <Whole answer={answer} />}</Loaded>
    </>
  )
}

/** What another person switched is to be seen in the frame, too. */
function useSwitchedElsewhere(answer: NowAnswer | null): void {
  const switches = answer && `${answer.stopsEnabled} ${answer.startsEnabled}`
  const before = useRef(switches)
  useEffect(() => {
    if (before.current !== null && switches !== null && before.current !== switches) reloadAll()
    before.current = switches
  }, [switches])
}

const isQuiet = ({ next, snoozed, underWay, latest, attention }: NowAnswer): boolean =>
  [next, snoozed, underWay, latest, attention].every(({ length }) => length === 0)

function Whole({ answer }: { answer: NowAnswer }) {
  return (
    <>
      <SwitchedOff answer={answer} />
      {isQuiet(answer) ? <Quiet /> : <Overview answer={answer} />}
    </>
  )
}

function Overview({ answer }: { answer: NowAnswer }) {
  const { underWay, latest, attention } = answer
  const freshBy = [...underWay, ...latest.slice(0, 1)].map(({ id }) => id).join()
  return (
    <>
      {underWay.length > 0 && <UnderWay runs={underWay} />}
      <NextCard answer={answer} freshBy={freshBy} />
      <div class="two">
        <Latest runs={latest} />
        <NeedsYou attention={attention} />
      </div>
      <WeekStrip freshBy={freshBy} />
    </>
  )
}

function SwitchedOff({ answer: { stopsEnabled, startsEnabled } }: { answer: NowAnswer }) {
  if (stopsEnabled && startsEnabled) return null
  const what = stopsEnabled ? 'Starts' : startsEnabled ? 'Stops' : 'Stops and starts'
  return (
    <section class="card alarmed" aria-label={`${what} are off`}>
      <div class="screen-head">
        <p>
          <strong class="bad">{what} are off.</strong>{' '}
          {stopsEnabled ? '' : 'Nothing is stopped by anyone: due stops pass and are recorded. '}
          {startsEnabled ? '' : 'Nothing is started by anyone: servers that are off stay off.'}
        </p>
        <Button onClick={openSwitches}>Change it</Button>
      </div>
    </section>
  )
}
