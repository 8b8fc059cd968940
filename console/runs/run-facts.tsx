import type { ComponentChildren } from 'preact'
import type { Run } from '../api/types.ts'
import { useNow, When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { hasEnded, tookMs } from '../words/run.ts'
import { durationText, ownZone } from '../words/time.ts'

/** The zone of the policy's schedule; an ad hoc target has none. */
function runZone({ policy }: Run): string {
  const schedule = policy?.schedule as { timeZone?: string } | undefined
  return schedule?.timeZone ?? ownZone()
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)

/** By what it was made, for whom, and when. */
export function RunFacts({ run }: { run: Run }) {
  const timeZone = runZone(run)
  return (
    <dl class="facts pairs">
      <Fact name="Made by">
        {run.trigger === 'schedule' ? 'its schedule' : `hand: ${run.actor ?? 'nobody that is known'}`}
      </Fact>
      {run.policyId !== undefined && (
        <Fact name="Policy">
          <a href={hrefTo(['policies', run.policyId])}>{run.policyId}</a>
        </Fact>
      )}
      {run.undoes !== null && (
        <Fact name="Takes back">
          <a href={hrefTo(['runs', run.undoes])}>{run.undoes}</a>
        </Fact>
      )}
      <Fact name="Connection">
        <a href={hrefTo(['connections', run.connection])}>{run.connection}</a>, {run.kind}
      </Fact>
      <Fact name="Due">
        <When at={run.dueAt} timeZone={timeZone} />
      </Fact>
      {run.startedAt !== undefined && (
        <Fact name="Started">
          <When at={run.startedAt} timeZone={timeZone} />
        </Fact>
      )}
      {run.endedAt !== undefined && (
        <Fact name="Ended">
          <When at={run.endedAt} timeZone={timeZone} />
        </Fact>
      )}
      <Took run={run} />
      {run.dryRun && <Fact name="Dry run">It decided everything and asked for nothing.</Fact>}
      {run.overrideLimits && <Fact name="Limits">It went on where a limit would have blocked it.</Fact>}
      {run.cancel !== undefined && (
        <Fact name="Cancelled">
          <When at={run.cancel.at} timeZone={timeZone} /> by {run.cancel.actor}: {run.cancel.reason}
        </Fact>
      )}
    </dl>
  )
}

function Took({ run }: { run: Run }) {
  const now = useNow(1000)
  const ms = tookMs(run, now)
  if (ms === null) return null
  return <Fact name={hasEnded(run) ? 'Took' : 'Goes on for'}>{durationText(ms)}</Fact>
}
