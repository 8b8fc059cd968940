/** One policy: what it does, to whom, when next, what happened, and what can be done about it. */
import { useState } from 'preact/hooks'
import type { Policy } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Card } from '../../parts/card.tsx'
import { Loaded, ProblemBox } from '../../parts/problem.tsx'
import { serverNow, When } from '../../parts/when.tsx'
import { hrefTo } from '../../router.ts'
import { NextOf, PolicyStatus } from '../list.tsx'
import { ActionChoice, NextTimes, PreviewBody } from '../preview.tsx'
import { type PreviewShown, usePreviewOf } from '../preview-answer.ts'
import { policySentence, policySentences } from '../sentence.ts'
import { SnoozeNote } from '../snooze.tsx'
import { ChangeHistory } from './history.tsx'
import { LatestRuns } from './latest-runs.tsx'
import { PolicyActions } from './policy-actions.tsx'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** ms until what is shown is over: the next stop or start, or the snooze; an hour at most, a minute at least. */
function untilOver(policy: Policy | null): number {
  const ends = [policy?.nextStopAt, policy?.nextStartAt, policy?.snoozedUntil].flatMap(at =>
    at ? [Date.parse(at) - serverNow() + MINUTE_MS / 10] : [],
  )
  return Math.max(MINUTE_MS, Math.min(HOUR_MS, ...ends))
}

interface PolicyScreenProps {
  id: string
  /** The due time that one came for, if any. */
  at: string | null
}

export function PolicyScreen({ id, at }: PolicyScreenProps) {
  const shown = useAnswer<Policy>(`/v1/policies/${encodeURIComponent(id)}`, untilOver)
  const isMissing = shown.error?.status === 404
  return (
    <>
      {shown.data === null && <h1>{id}</h1>}
      {isMissing ? (
        <section class="card">
          <p>
            There is no policy of that name; it may have been deleted.{' '}
            <a href={hrefTo(['policies'])}>See all policies</a>
          </p>
        </section>
      ) : (
        <Loaded shown={shown}>{policy => <OnePolicy policy={policy} at={at} />}</Loaded>
      )}
    </>
  )
}

/** How many it stops, where the number of now is the number of then: not while some of them are off already. */
function tellingCount(preview: PreviewShown['data']): number | undefined {
  const isOffNow = preview?.skipped.some(({ code }) => code === 'already-stopped') ?? true
  return isOffNow ? undefined : preview?.summary.targets
}

function OnePolicy({ policy, at }: { policy: Policy; at: string | null }) {
  const { id, description, schedule } = policy
  const [action, setAction] = useState<'stop' | 'start'>('stop')
  const preview = usePreviewOf({ path: `/v1/policies/${encodeURIComponent(id)}/preview?action=${action}` })
  // One of a due time that the schedule names no more holds nothing up.
  const delay = policy.delays?.find(({ until }) => until === policy.nextStopAt)
  const count = action === 'stop' && !preview.isOld ? tellingCount(preview.data) : undefined
  return (
    <>
      <div class="screen-head">
        <h1>{id}</h1>
        <PolicyActions policy={policy} />
      </div>
      <section class="card" aria-label="What it does">
        <p class="lead">{policySentence(policy, count)}</p>
        {description !== '' && <p class="soft">{description}</p>}
        <SnoozeNote policy={policy} />
        <dl class="facts">
          <dt>State</dt>
          <dd>
            <PolicyStatus policy={policy} />
          </dd>
          <dt>Next</dt>
          <dd>
            <NextOf policy={policy} />
            {delay && (
              <div>
                delayed from <When at={delay.dueAt} timeZone={schedule.timeZone} />: {delay.reason}
              </div>
            )}
          </dd>
          {policySentences(policy).map(({ topic, text }) => [
            <dt key={topic}>{topic}</dt>,
            <dd key={text}>{text}</dd>,
          ])}
        </dl>
      </section>
      <div class="two">
        <Card title="Who, now" aside={<ActionChoice action={action} onChoose={setAction} />}>
          <PreviewNow preview={preview}>
            {data => <PreviewBody preview={data} action={action} policy={policy} />}
          </PreviewNow>
        </Card>
        <Card title="The next ten times">
          <PreviewNow preview={preview}>
            {data => <NextTimes preview={data} timeZone={schedule.timeZone} at={at} />}
          </PreviewNow>
        </Card>
      </div>
      <LatestRuns policyId={id} timeZone={schedule.timeZone} />
      <ChangeHistory of={`/v1/policies/${encodeURIComponent(id)}`} />
    </>
  )
}

function PreviewNow({
  preview,
  children,
}: {
  preview: PreviewShown
  children: (data: NonNullable<PreviewShown['data']>) => preact.ComponentChildren
}) {
  const { data, error, isBusy, isOld, reload } = preview
  return (
    <>
      {error && !isBusy && <ProblemBox error={error} retry={reload} />}
      {isBusy && (data === null || isOld) && (
        <p class="loading" role="status">
          Asking the cloud …
        </p>
      )}
      {data !== null && !isOld && children(data)}
    </>
  )
}
