/** What one policy does with one server, and what its latest runs did: in the API's own words. */
import { withQuery } from '../api/client.ts'
import type { Why } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Empty } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { When } from '../parts/when.tsx'
import { Fold } from '../policies/fold.tsx'
import { hrefTo } from '../router.ts'
import { outcomeTone } from '../runs/outcome-words.ts'
import { whyWord } from './words.ts'

interface WhyProps {
  policyId: string
  connection: string
  serverId: string
}

export function PolicyWhy({ policyId, connection, serverId }: WhyProps) {
  const of = `/v1/policies/${encodeURIComponent(policyId)}/servers/${encodeURIComponent(serverId)}`
  const path = withQuery(of, { connection })
  const shown = useAnswer<Why>(path)
  return (
    <section class="why" aria-label={`Policy ${policyId}`}>
      <h3>
        <a href={hrefTo(['policies', policyId])}>{policyId}</a>
      </h3>
      <Loaded shown={shown}>{why => <WhyBody why={why} />}</Loaded>
    </section>
  )
}

function WhyBody({ why }: { why: Why }) {
  const { tone, word } = whyWord(why)
  const { wouldStop, code, reason, nextStopLocal, nextStartLocal, warnings, conditions, latest } = why
  return (
    <>
      <p>
        Now it <ToneWord tone={tone}>{word}</ToneWord>
        {wouldStop ? '' : ` (${code})`}: {reason}
      </p>
      {warnings.map(({ code, message }) => (
        <p key={code}>
          <ToneWord tone="part">{code}</ToneWord> {message}
        </p>
      ))}
      <dl class="facts">
        <dt>Stops it next</dt>
        <dd>{nextStopLocal ?? 'never, as things stand'}</dd>
        {nextStartLocal !== null && (
          <>
            <dt>Starts next</dt>
            <dd>{nextStartLocal}</dd>
          </>
        )}
      </dl>
      {conditions.length > 0 && (
        <Fold title="How it was decided">
          {() => (
            <Table
              caption="Conditions"
              columns={CONDITIONS}
              rows={conditions}
              keyOf={({ condition }) => condition}
            />
          )}
        </Fold>
      )}
      <h4>In its latest runs</h4>
      {latest.length === 0 ? (
        <Empty>It has had no run yet.</Empty>
      ) : (
        <Table caption="Latest runs" columns={RUNS} rows={latest} keyOf={({ runId }) => runId} />
      )}
    </>
  )
}

const CONDITIONS: Column<Why['conditions'][number]>[] = [
  { title: 'Condition', cell: ({ condition }) => <code>{condition}</code> },
  {
    title: 'Holds',
    cell: ({ holds }) => <ToneWord tone={holds ? 'good' : 'quiet'}>{holds ? 'yes' : 'no'}</ToneWord>,
  },
  { title: 'Expected', cell: ({ expected }) => expected },
  { title: 'Found', cell: ({ found }) => found },
]

const RUNS: Column<Why['latest'][number]>[] = [
  {
    title: 'Due',
    cell: ({ runId, dueAt }) => (
      <a href={hrefTo(['runs', runId])}>
        <When at={dueAt} />
      </a>
    ),
  },
  {
    title: 'This server',
    cell: ({ outcome, underWay, status, reason, dryRun }) => {
      if (outcome)
        return (
          <>
            <ToneWord tone={outcomeTone(outcome.status)}>{outcome.status}</ToneWord>{' '}
            <code>{outcome.code}</code>
            {dryRun && ' (dry run)'}
            <div class="soft">{outcome.reason}</div>
          </>
        )
      if (underWay) return <ToneWord tone="busy">under way</ToneWord>
      return (
        <>
          <span class="soft">not in it: the run is {status}</span>
          {reason !== undefined && <div class="soft">{reason}</div>}
        </>
      )
    },
  },
]
