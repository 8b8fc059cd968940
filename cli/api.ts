/** The API as commands call it: answers checked by the schemas that the API is documented with. */
import { randomUUID } from 'node:crypto'
import type * as z from 'zod'
import { curfewUrl } from './authorize.ts'
import type { Terminal } from './screen/terminal.ts'
import { NoAnswer, Refused, send } from './send.ts'

/** `raw`: as it came, with what this version does not know. */
export interface Answered<T> {
  value: T
  raw: unknown
}

type Query = Record<string, string | string[] | undefined>
interface Asking {
  query?: Query
  body?: object
  /** It may be sent again under the same key: the same run is answered. */
  isKeyed?: true
  /** With it: the key, where the caller has one. */
  key?: string
  /** Nothing that is there is replaced. */
  isNew?: true
}
type Ask = <S extends z.ZodType>(schema: S, path: string, asking?: Asking) => Promise<Answered<z.output<S>>>

export interface Api {
  get: Ask
  post: Ask
  put: Ask
  remove: Ask
}

const TRIES = 3
const PAUSE_MS = 1000

/** The path of a document: `of('/v1/runs', id)`. */
export const pathOf = (list: string, id: string, rest = ''): string =>
  `${list}/${encodeURIComponent(id)}${rest}`

function addressOf(base: URL, path: string, query: Query): URL {
  const url = new URL(path, base)
  for (const [name, values = []] of Object.entries(query))
    for (const value of [values].flat()) url.searchParams.append(name, value)
  return url
}

/** Whether the same request may succeed a moment later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof Refused && [429, 502, 503, 504].includes(error.status))

/** Throws `CalledWrongly` where CURFEW_URL is no address. */
export function createApi(terminal: Terminal): Api {
  const base = curfewUrl(terminal.env)
  const ask =
    (method: string): Ask =>
    async (schema, path, { query = {}, body, isKeyed, key, isNew } = {}) => {
      const sent = {
        method,
        url: addressOf(base, path, query),
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(isNew ? { 'if-none-match': '*' } : {}),
          ...(isKeyed ? { 'idempotency-key': key ?? `cli-${randomUUID()}` } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }
      const raw = await triedAgain(() => send(sent, terminal), { terminal, tries: isKeyed ? TRIES : 1 })
      return { value: checked(schema, raw, path), raw }
    }
  return { get: ask('GET'), post: ask('POST'), put: ask('PUT'), remove: ask('DELETE') }
}

interface Trying {
  terminal: Terminal
  tries: number
}

async function triedAgain<T>(once: () => Promise<T>, { terminal, tries }: Trying): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await once()
    } catch (error) {
      if (left === 0 || !isPassing(error) || terminal.ended.aborted) throw error
      await terminal.pause(PAUSE_MS)
    }
  }
}

function checked<S extends z.ZodType>(schema: S, raw: unknown, path: string): z.output<S> {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Error(
    `${path}: the answer is not as this version of the command knows it (${issue?.path.join('.')}: ${issue?.message}): ` +
      'use the command of the version that runs there',
  )
}

const MAX_PAGE = 1000

interface Listing<T> {
  items: T[]
  nextCursor: string | null
}
interface Gathering {
  query: Query
  /** The most items; `null`: all. */
  limit: number | null
}

/** Pages of a list as one: their lists one after the other, such as `unreadable`, which tells of one page; all else as the last page says. */
function joinPages(pages: object[]): object {
  const fields = Map.groupBy(
    pages.flatMap(page => Object.entries(page)),
    ([name]) => name,
  )
  return Object.fromEntries(
    [...fields].map(([name, each]) => {
      const values = each.map(([, value]) => value as unknown)
      return [name, values.some(Array.isArray) ? values.flat() : values.at(-1)]
    }),
  )
}

/** Pages of a list until there are as many items as asked for. */
export async function gather<T, S extends z.ZodType<Listing<T>>>(
  api: Api,
  { schema, path, query, limit }: { schema: S; path: string } & Gathering,
): Promise<Answered<z.output<S>>> {
  const pages: z.output<S>[] = []
  const raws: object[] = []
  let count = 0
  for (let cursor = query.cursor; ; ) {
    const most = Math.min(MAX_PAGE, limit === null ? MAX_PAGE : limit - count)
    const { value, raw } = await api.get(schema, path, { query: { ...query, limit: String(most), cursor } })
    pages.push(value)
    raws.push(raw as object)
    count += value.items.length
    cursor = value.nextCursor ?? undefined
    if (cursor === undefined || (limit !== null && count >= limit))
      return { value: joinPages(pages) as z.output<S>, raw: joinPages(raws) }
  }
}
