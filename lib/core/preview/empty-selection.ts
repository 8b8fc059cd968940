/** Why a selector finds no server, and what was probably meant. */

import { nearest } from '../documents/did-you-mean.ts'
import { shown } from '../documents/problem.ts'
import type { Server } from '../model/cloud.ts'
import type { Selector } from '../model/model.ts'
import { matching } from '../plan/select.ts'

/** More of what there is than this is not told. */
const MOST_NAMED = 5

const meant = (word: string | null): string => (word === null ? '' : `; did you mean ${shown(word)}?`)

function someOf(words: Iterable<string>): string {
  const all = [...new Set(words)]
  const more = all.length > MOST_NAMED ? `, and ${all.length - MOST_NAMED} more` : ''
  return `${all.slice(0, MOST_NAMED).map(shown).join(', ')}${more}`
}

function tagHint(key: string, values: string[], servers: Server[]): string {
  const withKey = servers.filter(({ tags }) => Object.hasOwn(tags, key))
  if (withKey.length === 0)
    return `no server has the tag ${shown(key)}${meant(nearest(key, new Set(servers.flatMap(({ tags }) => Object.keys(tags)))))}`
  const there = new Set(withKey.flatMap(({ tags }) => tags[key]!))
  const near = values.map(value => nearest(value, there)).find(word => word !== null) ?? null
  const wanted = values.map(shown).join(' or ')
  return `no server has the tag ${shown(key)} with the value ${wanted}${near === null ? `; there are ${someOf(there)}` : meant(near)}`
}

/** The part of a glob before its first wildcard is compared with as much of each name. */
function nameHint(glob: string, servers: Server[]): string {
  const literal = glob.split(/[*?]/)[0]!
  const starts = new Map(
    servers.map(({ name }) => [literal.length < glob.length ? name.slice(0, literal.length) : name, name]),
  )
  const near = literal === '' ? null : nearest(literal, starts.keys())
  const example = near === null ? '' : `; the nearest is ${shown(starts.get(near))}`
  return `no server's name is like ${shown(glob)}${example}`
}

/** Of a selector's or an exclusion's conditions those that no server meets, each in words. */
export function matchingNone(selector: Selector, servers: Server[]): string[] {
  const { ids, tags = {}, name, enterpriseProjectId } = selector
  const none = (part: Selector): boolean => !servers.some(matching(part))
  const projects = servers.flatMap(server => server.enterpriseProjectId ?? [])
  return [
    ...(ids && none({ ids })
      ? [`no server has ${ids.length === 1 ? 'the id' : 'one of the ids'} ${someOf(ids)}`]
      : []),
    ...Object.entries(tags).flatMap(([key, values]) =>
      none({ tags: { [key]: values } }) ? [tagHint(key, values, servers)] : [],
    ),
    ...(name !== undefined && none({ name }) ? [nameHint(name, servers)] : []),
    ...(enterpriseProjectId !== undefined && none({ enterpriseProjectId })
      ? [
          `no server is in the enterprise project ${shown(enterpriseProjectId)}; there are ${someOf(projects)}`,
        ]
      : []),
  ]
}

/** In words, for a selector that matches none of the servers; they are all of the kind. */
export function selectedNothing(selector: Selector, servers: Server[]): string {
  if (servers.length === 0) return 'there are no servers of this kind at all'
  const found = matchingNone(selector, servers)
  return found.length > 0
    ? found.join('; ')
    : 'each condition matches servers by itself, and no server matches all of them'
}
