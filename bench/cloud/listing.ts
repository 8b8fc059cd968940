/** The list of servers, by page number or by marker, whole or filtered by `status`, `tags` or `server_id`. */
import { listFrame } from '../../infra/simulator/huawei/item.ts'
import { askedPage, bmsCount } from '../../infra/simulator/huawei/listing.ts'
import type { Fleet } from './fleet.ts'
import type { Settings } from './settings.ts'

/** More views than this are joined: writing each by itself would cost more. */
const MOST_PARTS = 64
/** Nobody reads it in a body. */
const REQUEST_ID = '0'.repeat(32)

/** The places that a filter lets through; null where there is none. Filters are live: who stopped has left a list of ACTIVE ones. */
function filtered(fleet: Fleet, query: URLSearchParams): number[] | null {
  const ids = query.get('server_id')
  if (ids)
    return ids
      .split(',')
      .map(fleet.place)
      .filter(place => place >= 0)
  const status = query.get('status')
  const tag = query.get('tags')
  if (!status && !tag) return null
  const all = Array.from({ length: fleet.servers }, (_, place) => place)
  const isWanted = (place: number): boolean => !status || fleet.isUp(place) === (status === 'ACTIVE')
  return all.filter(place => isWanted(place) && (!tag || hasTag(fleet.tags(place), tag)))
}

/** `key=value`, or a key alone for any value. */
function hasTag(tags: Record<string, string>, asked: string): boolean {
  const [key = '', value] = asked.split('=')
  return value === undefined ? key in tags : tags[key] === value
}

/** Neighbours as one view. */
function views(fleet: Fleet, places: number[]): Buffer[] {
  const parts: Buffer[] = []
  for (let from = 0; from < places.length; ) {
    let to = from + 1
    while (to < places.length && places[to] === places[to - 1]! + 1) to++
    if (parts.length > 0) parts.push(Buffer.from(','))
    parts.push(fleet.view(places[from]!, places[to - 1]! + 1))
    from = to
  }
  return parts.length > MOST_PARTS ? [Buffer.concat(parts)] : parts
}

export function createListing() {
  const kept = new Map<string, { version: number; places: number[] | null }>()

  function placesOf(fleet: Fleet, query: URLSearchParams): number[] | null {
    const key = `${fleet.kind} ${query.get('server_id')} ${query.get('status')} ${query.get('tags')}`
    const known = kept.get(key)
    if (known?.version === fleet.version()) return known.places
    const places = filtered(fleet, query)
    if (kept.size > 100) kept.clear()
    kept.set(key, { version: fleet.version(), places })
    return places
  }

  /** One page of it, as the parts of a body. Throws what the cloud says of a page that cannot be. */
  return function page(fleet: Fleet, query: URLSearchParams, settings: Settings): Buffer[] {
    const asked = askedPage(fleet.kind, query, settings.maxPage)
    if (typeof asked === 'string') throw new Error(asked)
    const places = placesOf(fleet, query)
    const total = places?.length ?? fleet.servers
    const behind = (id: string): number => {
      const marker = fleet.place(id)
      if (marker < 0) throw new Error(`marker [${id}] not found`)
      if (places === null) return marker + 1
      const next = places.findIndex(place => place > marker)
      return next < 0 ? total : next
    }
    const marker = fleet.kind === 'ecs' ? query.get('marker') : null
    const from = marker ? behind(marker) : asked.begin
    const to = Math.min(total, from + asked.limit)
    const shown = places === null ? [fleet.view(from, to)] : views(fleet, places.slice(from, to))
    const isWhole = fleet.kind === 'ecs'
    const count = isWhole ? total : bmsCount(total, asked.limit, { ...asked, mode: settings.bmsCount })
    const { head, tail } = listFrame(fleet.kind, { count, requestId: REQUEST_ID })
    return [Buffer.from(`${head}[`), ...(to > from ? shown : []), Buffer.from(`]${tail}`)]
  }
}
