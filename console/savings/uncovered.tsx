import type { Coverage } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { ServerNames } from '../policies/preview.tsx'
import { Missing } from '../servers/search-screen.tsx'
import { countText } from '../words/run.ts'

/** Every connection is asked, as its servers are now. */
export function Uncovered() {
  const shown = useAnswer<Coverage>('/v1/coverage')
  return (
    <Card title="Servers that nobody stops">
      <Loaded shown={shown}>{coverage => <Counts coverage={coverage} />}</Loaded>
    </Card>
  )
}

function Counts({ coverage }: { coverage: Coverage }) {
  const { summary, uncovered } = coverage
  return (
    <>
      <p class="lead">
        <strong>{countText(summary.uncovered, 'server')}</strong>
        {` of ${summary.servers.toLocaleString()} run until a person stops them. ${summary.covered.toLocaleString()} are covered by a policy, ${summary.protected.toLocaleString()} are protected.`}
      </p>
      <Missing pages={[coverage]} />
      {summary.uncovered > 0 && <ServerNames servers={uncovered} total={summary.uncovered} />}
    </>
  )
}
