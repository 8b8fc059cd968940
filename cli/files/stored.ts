/** The documents that a Curfew holds, over its API. */
import * as z from 'zod'
import { listSchema } from '../../lib/http/schemas/schemas.ts'
import { createApi, gather, pathOf } from '../api.ts'
import { curfewUrl } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { send } from '../send.ts'
import { type DocumentKind, type Fields, factsOf, writable } from './kinds.ts'

const StoredFields = z.looseObject({ id: z.string(), version: z.int() })

export interface StoredDocument {
  kind: DocumentKind
  fields: Fields
  version: number
}

export interface DocumentStore {
  /** All of a kind. Throws for one that cannot be read: what is compared is whole. */
  list(kind: DocumentKind): Promise<StoredDocument[]>
  /** `version`: the one it replaces, `null` for none. */
  save(kind: DocumentKind, fields: Fields, version: number | null): Promise<void>
  remove(kind: DocumentKind, id: string, version: number): Promise<void>
}

const listPath = (kind: DocumentKind): string => `/v1/${factsOf(kind).plural}`

/** Headers that let a document be replaced only as it was read. */
const guardOf = (version: number | null): Record<string, string> =>
  version === null ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` }

/** Its functions throw an error with the request and the answer's own words when it is not a success. */
export function createDocuments(terminal: Terminal): DocumentStore {
  const base = curfewUrl(terminal.env)
  const api = createApi(terminal)
  const edit = async (
    { method, kind, id }: { method: string; kind: DocumentKind; id: string },
    version: number | null,
    body?: Fields,
  ): Promise<void> => {
    const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {}
    const url = new URL(pathOf(listPath(kind), id), base)
    const sent = { method, url, headers: { ...type, ...guardOf(version) } }
    await send({ ...sent, ...(body ? { body: JSON.stringify(body) } : {}) }, terminal)
  }
  return {
    async list(kind) {
      const asked = { schema: listSchema(StoredFields), path: listPath(kind), query: {}, limit: null }
      const { value } = await gather(api, asked)
      const [unreadable] = value.unreadable ?? []
      if (unreadable !== undefined)
        throw new Error(
          `${kind} ${unreadable} cannot be read by the Curfew there: PUT it again, or DELETE it`,
        )
      return value.items.map(({ version, ...item }) => {
        const fields = factsOf(kind).schema.parse(writable(kind, item)) as Fields
        return { kind, version, fields }
      })
    },
    save: (kind, fields, version) => edit({ method: 'PUT', kind, id: fields.id }, version, fields),
    remove: (kind, id, version) => edit({ method: 'DELETE', kind, id }, version),
  }
}
