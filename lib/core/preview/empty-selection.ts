/** Why a selector finds no server, and what was probably meant. */

import { nearestWord } from '../documents/did-you-mean.ts'
import { quoteValue } from '../documents/problem.ts'
import type { Server } from '../model/cloud.ts'
import type { Selector } from '../model/policy/selector.ts'
import { selectorTest } from '../plan/select.ts'

/** More of what there is than this is not told. */
const MAX_NAMED = 5
/** Only for this many of them it is worked out what was meant: comparing takes long. */
const MAX_HINTS = 5

const didYouMean = (word: string | null): string =>
  word === null ? '' : `; did you mean ${quoteValue(word)}?`

/** The first few of some words, quoted, and how many more there are. */
export function someOf(words: Iterable<string>, between = ', '): string {
  const all = [...new Set(words)]
  const more = all.length > MAX_NAMED ? `, and ${all.length - MAX_NAMED} more` : ''
  return `${all.slice(0, MAX_NAMED).map(quoteValue).join(between)}${more}`
}

/** The tags that servers have, with all their values. */
type Tags = Map<string, Set<string>>

function tagsOf(servers: Server[]): Tags {
  const found: Tags = new Map()
  for (const { tags } of servers)
    for (const [key, values] of Object.entries(tags)) {
      const known = found.get(key) ?? new Set()
      for (const value of values) known.add(value)
      found.set(key, known)
    }
  return found
}

type TagCondition = [key: string, values: string[]]

const isMet = ([key, values]: TagCondition, tags: Tags): boolean => {
  const found = tags.get(key)
  return found !== undefined && (values.length === 0 || values.some(value => found.has(value)))
}

const tagText = ([key, values]: TagCondition, tags: Tags): string =>
  tags.has(key)
    ? `no server has the tag ${quoteValue(key)} with the value ${someOf(values, ' or ')}`
    : `no server has the tag ${quoteValue(key)}`

function tagHint([key, values]: TagCondition, tags: Tags): string {
  const there = tags.get(key)
  if (there === undefined) return didYouMean(nearestWord(key, tags.keys()))
  const near = values
    .slice(0, MAX_NAMED)
    .map(value => nearestWord(value, there))
    .find(word => word !== null)
  return near === undefined ? `; there are ${someOf(there)}` : didYouMean(near!)
}

function unmetTags(conditions: Record<string, string[]>, servers: Server[]): string[] {
  if (servers.some(({ unreadable }) => unreadable !== undefined)) return []
  const tags = tagsOf(servers)
  return Object.entries(conditions)
    .filter(condition => !isMet(condition, tags))
    .map((one, index) => `${tagText(one, tags)}${index < MAX_HINTS ? tagHint(one, tags) : ''}`)
}

/** The part of a glob before its first wildcard is compared with as much of each name. */
function nameHint(glob: string, servers: Server[]): string {
  const literal = glob.split(/[*?]/)[0]!
  const starts = new Map(
    servers.map(({ name }) => [literal.length < glob.length ? name.slice(0, literal.length) : name, name]),
  )
  const near = literal === '' ? null : nearestWord(literal, starts.keys())
  const example = near === null ? '' : `; the nearest is ${quoteValue(starts.get(near))}`
  return `no server's name is like ${quoteValue(glob)}${example}`
}

/** The conditions of a selector or an exclusion that no server meets, each in words. */
export function unmetConditions(selector: Selector, servers: Server[]): string[] {
  const { ids, tags, name, enterpriseProjectId: project } = selector
  const isUnmet = (part: Selector): boolean => !servers.some(selectorTest(part))
  const projects = () => servers.flatMap(server => server.enterpriseProjectId ?? [])
  return [
    ...(ids && isUnmet({ ids })
      ? [`no server has ${ids.length === 1 ? 'the id' : 'one of the ids'} ${someOf(ids)}`]
      : []),
    ...(tags ? unmetTags(tags, servers) : []),
    ...(name !== undefined && isUnmet({ name }) ? [nameHint(name, servers)] : []),
    ...(project !== undefined && isUnmet({ enterpriseProjectId: project })
      ? [`no server is in the enterprise project ${quoteValue(project)}; there are ${someOf(projects())}`]
      : []),
  ]
}

/** In words, for a selector that matches none of the servers; they are all of the kind. */
export function selectedNothing(selector: Selector, servers: Server[]): string {
  if (servers.length === 0) return 'there are no servers of this kind at all'
  const texts = unmetConditions(selector, servers)
  if (texts.length === 0) return 'each condition matches servers by itself, and no server matches all of them'
  const rest = texts.length - MAX_NAMED
  const more = rest > 0 ? `; and ${rest} more conditions that no server meets` : ''
  return `${texts.slice(0, MAX_NAMED).join('; ')}${more}`
}
