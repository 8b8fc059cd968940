/** The smallest policy that would cover most of the servers that none covers. */
import type { Server } from '../model/cloud.ts'
import type { Kind } from '../model/model.ts'
import { OUR_TAGS } from '../plan/select.ts'

export interface TaggedServers {
  key: string
  value: string
  servers: number
}

interface Tagged extends Pick<Server, 'kind' | 'tags'> {
  connection: string
}

/** Keys that no person chose: Curfew's own, and marks that a cloud makes for itself. */
const isMark = (key: string): boolean => OUR_TAGS.includes(key) || key.startsWith('__')

/** Tags by the servers that carry them, the most first; not those that mean something to Curfew. */
export function countTags(servers: Pick<Server, 'tags'>[]): TaggedServers[] {
  const counts = new Map<string, TaggedServers>()
  for (const { tags } of servers)
    for (const [key, values] of Object.entries(tags))
      if (!isMark(key)) for (const value of values) addTag(counts, key, value)
  return [...counts.values()].toSorted(
    (one, other) =>
      other.servers - one.servers ||
      (one.key < other.key || (one.key === other.key && one.value < other.value) ? -1 : 1),
  )
}

function addTag(counts: Map<string, TaggedServers>, key: string, value: string): void {
  const name = JSON.stringify([key, value])
  const counted = counts.get(name)
  if (counted) counted.servers++
  else counts.set(name, { key, value, servers: 1 })
}

/** A selector that names more values is a list of servers by another name. */
const MAX_VALUES = 10
const MOST = 0.5

interface TagChoice {
  key: string
  values: string[]
  covers: number
}

/** The values of one key that most servers carry, no more than it takes for half of all. */
function choiceOf(key: string, counts: TaggedServers[], of: number): TagChoice {
  const choice: TagChoice = { key, values: [], covers: 0 }
  for (const { value, servers } of counts.slice(0, MAX_VALUES)) {
    if (choice.covers >= of * MOST) break
    choice.values.push(value)
    choice.covers += servers
  }
  return choice
}

/** One that covers half comes first; then fewer values; then more servers. */
function bestFirst(of: number): (one: TagChoice, other: TagChoice) => number {
  const isMost = ({ covers }: TagChoice): number => Number(covers >= of * MOST)
  return (one, other) =>
    isMost(other) - isMost(one) ||
    (isMost(one) ? one.values.length - other.values.length : 0) ||
    other.covers - one.covers ||
    (one.key < other.key ? -1 : 1)
}

const MAX_ID_LENGTH = 63
const WEEKDAY_EVENINGS = '0 20 * * 1-5'

/** Disabled: a person looks at its preview first. */
const suggestedDocument = (connection: string, timeZone: string, { key, values }: TagChoice) => ({
  id: `uncovered-${connection}`.slice(0, MAX_ID_LENGTH),
  description: `Servers that no policy stopped, by their tag ${key}`.slice(0, 1000),
  enabled: false,
  connection,
  kind: 'ecs' as Kind,
  schedule: { cron: WEEKDAY_EVENINGS, timeZone },
  selector: { tags: { [key]: values } },
})

/** For the connection with the most of them; `null` where no tag tells any from the others. Bare metal takes a consent that is not ours to give. */
export function suggestPolicy(uncovered: Tagged[], timeZone: string) {
  const groups = Map.groupBy(
    uncovered.filter(({ kind }) => kind === 'ecs'),
    ({ connection }) => connection,
  )
  const [most] = [...groups].toSorted(([, one], [, other]) => other.length - one.length)
  if (most === undefined) return null
  const [connection, servers] = most
  const byKey = Map.groupBy(countTags(servers), ({ key }) => key)
  const [best] = [...byKey]
    .map(([key, counts]) => choiceOf(key, counts, servers.length))
    .toSorted(bestFirst(servers.length))
  if (best === undefined) return null
  const wanted = new Set(best.values)
  const covered = servers.filter(({ tags }) => tags[best.key]?.some(value => wanted.has(value)))
  return { covers: covered.length, of: servers.length, policy: suggestedDocument(connection, timeZone, best) }
}
