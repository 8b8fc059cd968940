/** What stops or starts next, of whom, and the way to take it back. */
import { useState } from 'preact/hooks'
import { withQuery } from '../api/client.ts'
import type { NextAction, NowAnswer } from '../api/types.ts'
import { useFresh } from '../api/use-fresh.ts'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { Countdown, useNow, When } from '../parts/when.tsx'
import { type PreviewShown, usePreviewOf } from '../policies/preview-answer.ts'
import { hrefTo } from '../router.ts'
import { countText } from '../words/run.ts'
import { DelayOnce } from './delay-once.tsx'
import { SkipOnce } from './skip-once.tsx'
import { Snoozed } from './snoozed.tsx'
import { Who } from './who.tsx'
import { dueText, mannerTexts, nextText, skipLabel, snoozeUntilAfter, whomTexts } from './words.ts'

/** So many due times are listed at once; the others on demand. */
const MAX_LISTED = 4
/** The API tells no more. */
const MAX_TOLD = 10
const HOUR_MS = 3_600_000

interface NextCardProps {
  answer: NowAnswer
  /** Names the runs that there are: others, and servers are counted anew. */
  freshBy: string
}

export function NextCard({ answer, freshBy }: NextCardProps) {
  const { next, snoozed, nextKnownUntil } = answer
  const first = next[0]
  // A start takes nothing from anybody: what stops next is what one wants to know, and may want to take back.
  const stop = first?.action === 'start' ? next.find(({ action }) => action === 'stop') : undefined
  const chosen = [first, stop].filter(one => one !== undefined)
  const later = next.filter(one => !chosen.includes(one))
  return (
    <Card title="Next">
      {chosen.length === 0 && (
        <p class="empty">
          Nothing is due that would act. Policies that are disabled, or whose connection is, act no more:{' '}
          <a href={hrefTo(['policies'])}>see the policies</a>.
        </p>
      )}
      {chosen.map(one => (
        <Chosen
          key={`${one.policyId} ${one.action} ${one.at}`}
          next={one}
          snoozed={snoozed}
          freshBy={freshBy}
        />
      ))}
      <Later actions={later} />
      {next.length === MAX_TOLD && (
        <p class="hint">
          The first {MAX_TOLD} due times. <a href={hrefTo(['week'])}>All are in the week</a>
        </p>
      )}
      {nextKnownUntil && (
        <p class="hint">
          Many policies are due and will not act: what is due after <When at={nextKnownUntil} /> was not
          looked at.
        </p>
      )}
      <Snoozed snoozed={snoozed} />
    </Card>
  )
}

/** What is open over the card. */
type Open = 'who' | 'skip' | null

interface ChosenProps extends Pick<NextCardProps, 'freshBy'> {
  next: NextAction
  snoozed: NowAnswer['snoozed']
}

function Chosen({ next, snoozed, freshBy }: ChosenProps) {
  const now = useNow(30_000)
  const path = withQuery(`/v1/policies/${next.policyId}/preview`, { action: next.action })
  // Asked for once an hour, and after a change or a run: it costs the cloud a listing.
  const counted = usePreviewOf({ path })
  useFresh(`${freshBy} ${Math.floor(now / HOUR_MS)}`, counted.reload)
  const [open, setOpen] = useState<Open>(null)
  const until = next.action === 'stop' ? snoozeUntilAfter(next, now) : null
  const { data: preview } = counted
  const targets = preview?.summary.targets ?? null
  const close = () => setOpen(null)
  const facts = [
    dueText(next.at, next.timeZone, now),
    ...mannerTexts(next, now),
    ...(preview ? whomTexts(next, preview) : []),
  ].filter(Boolean)
  return (
    <div class="chosen">
      <p class="headline">
        <a href={hrefTo(['policies', next.policyId])}>{nextText(next, targets)}</a> <Countdown to={next.at} />
      </p>
      <p class="soft sentence">{facts.join(' · ')}</p>
      <Doubts counted={counted} onMore={() => setOpen('who')} />
      <div class="row">
        {until !== null && (
          <Button look="main" onClick={() => setOpen('skip')}>
            {skipLabel(next, now)}
          </Button>
        )}
        {next.action === 'stop' && <DelayOnce next={next} />}
        <Button onClick={() => setOpen('who')}>Who exactly?</Button>
      </div>
      {open === 'who' && <Who next={next} counted={counted} onClose={close} />}
      {open === 'skip' && until !== null && (
        <SkipOnce
          next={next}
          until={until}
          targets={targets}
          earlier={snoozed.find(({ policyId }) => policyId === next.policyId) ?? null}
          onClose={close}
        />
      )}
    </div>
  )
}

/** What gives pause about it, if anything. */
function Doubts({
  counted: { data: preview, error, reload },
  onMore,
}: {
  counted: PreviewShown
  onMore(): void
}) {
  if (error)
    return (
      <p class="hint">
        How many it is cannot be said now: {error.message}{' '}
        <Button look="link" onClick={reload}>
          Count again
        </Button>
      </p>
    )
  if (!preview) return <p class="hint">Counting its servers …</p>
  const { blockedBy } = preview
  // That it would start nobody stands above.
  const warnings = preview.warnings.filter(({ code }) => code !== 'nothing-open')
  const warningCount = preview.warningCount - (preview.warnings.length - warnings.length)
  return (
    <>
      {blockedBy !== null && (
        <p>
          <ToneWord tone="bad">It would do nothing:</ToneWord> {blockedBy}
        </p>
      )}
      {warningCount > 0 && (
        <p>
          <ToneWord tone="part">{`${countText(warningCount, 'warning')}:`}</ToneWord> {warnings[0]?.message}{' '}
          {warningCount > 1 && (
            <Button look="link" onClick={onMore}>
              See all
            </Button>
          )}
        </p>
      )}
    </>
  )
}

function Later({ actions }: { actions: NextAction[] }) {
  if (actions.length === 0) return null
  const more = actions.slice(MAX_LISTED)
  return (
    <>
      <h3>After that</h3>
      <LaterList actions={actions.slice(0, MAX_LISTED)} />
      {more.length > 0 && (
        <details>
          <summary>{countText(more.length, 'more due time')}</summary>
          <LaterList actions={more} />
        </details>
      )}
    </>
  )
}

function LaterList({ actions }: { actions: NextAction[] }) {
  const now = useNow(30_000)
  return (
    <ul class="plain tight">
      {actions.map(next => (
        <li key={`${next.policyId} ${next.action}`}>
          <a href={hrefTo(['policies', next.policyId])}>{next.policyId}</a>{' '}
          {next.action === 'stop' ? 'stops' : 'starts'} <Countdown to={next.at} />:{' '}
          <span class="soft">
            {[dueText(next.at, next.timeZone, now), ...mannerTexts(next, now)].join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  )
}
