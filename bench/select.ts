/** What selecting costs with the longest documents that a body may hold: `node bench/select.ts`. */
import { policyIn } from '../lib/core/model/connection.ts'
import { type ConnectionPolicy, Policy } from '../lib/core/model/model.ts'
import type { Exclude, Selector } from '../lib/core/model/policy/selector.ts'
import { createPlanner } from '../lib/core/plan/planner.ts'
import { unmetConditions } from '../lib/core/preview/empty-selection.ts'
import { overlapWith } from '../lib/core/preview/overlap.ts'
import { aServer } from '../test/makers.ts'

const BODY_BYTES = 256 * 1024
const SERVERS = 10_000
const ROUNDS = 5

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** As many as the body has room for. */
function filling<T>(make: (number: number) => T): T[] {
  const size = JSON.stringify(make(99_999)).length + 1
  return Array.from({ length: Math.floor((BODY_BYTES - 1000) / size) }, (_, number) => make(number))
}

const ids = filling(number => uuid(number + SERVERS))
const tags = Object.fromEntries(filling(number => [`k${number}`, [] as string[]]))
const values = { env: filling(number => `v${number}`) }
/** Matches nothing, and takes a glob the longest to find out. */
const name = `*${'a'.repeat(127)}?b*`

const EXCLUDES: Record<string, Exclude> = {
  none: {},
  ids: { ids },
  tags: { tags },
  values: { tags: values },
  name: { name },
}
const SELECTORS: Record<string, Selector> = {
  all: { all: true },
  ids: { ids },
  tags: { tags },
  values: { tags: values },
  name: { name },
}

const fleet = Array.from({ length: SERVERS }, (_, number) =>
  aServer({
    id: uuid(number),
    name: 'a'.repeat(255),
    tags: Object.fromEntries(
      Array.from({ length: 20 }, (_, tag) => [`k${tag + 200_000}`, `x${number % 50}`]),
    ),
  }),
)

function policyOf(selector: Selector, exclude: Exclude): ConnectionPolicy {
  const schedule = { cron: '0 20 * * *', timeZone: 'UTC' }
  const policy = Policy.parse({ id: 'longest', connection: 'prod', kind: 'ecs', schedule, selector, exclude })
  return policyIn(policy, 'prod')
}

function leastMs(work: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now()
    work()
    return performance.now() - began
  })
  return Math.min(...times)
}

const row = (what: string, ms: number) => console.log(`${what.padEnd(44)}${ms.toFixed(1).padStart(9)} ms`)

console.log(
  `${SERVERS} servers with 20 tags each; ${ids.length} ids, ${Object.keys(tags).length} tags, ${values.env.length} values of one tag`,
)
for (const [what, exclude] of Object.entries(EXCLUDES)) {
  const policy = policyOf({ all: true }, exclude)
  row(
    `plan, exclude ${what}`,
    leastMs(() => createPlanner([{ ...policy, runId: 'r' }], 0).see(fleet)),
  )
}
for (const [what, selector] of Object.entries(SELECTORS)) {
  const policy = policyOf(selector, {})
  row(
    `plan, selector ${what}`,
    leastMs(() => createPlanner([{ ...policy, runId: 'r' }], 0).see(fleet)),
  )
  row(
    `conditions that no server meets, ${what}`,
    leastMs(() => unmetConditions(selector, fleet)),
  )
  const compare = overlapWith(policyOf({ all: true }, {}), fleet, 0)
  row(
    `overlap with another policy, ${what}`,
    leastMs(() => compare({ ...policy, id: 'other' })),
  )
}
