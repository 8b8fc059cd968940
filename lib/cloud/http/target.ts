/** A request before it is authorized, and its path and query as they are sent and signed. */

/** Path and query are plain text: they are encoded here alone. */
export interface Unsigned {
  method: 'GET' | 'POST'
  host: string
  path: string[]
  query: Record<string, string | string[]>
  headers: Record<string, string>
  body: string
}

const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

export const encodedPath = ({ path }: Unsigned): string => `/${path.map(percentEncode).join('/')}`

export function encodedQuery({ query }: Unsigned): string {
  const pairs = Object.keys(query)
    .sort()
    .flatMap(name =>
      [query[name] ?? []]
        .flat()
        .sort()
        .map(value => `${percentEncode(name)}=${percentEncode(value)}`),
    )
  return pairs.join('&')
}

/** Path and query as they are sent: the very text that is signed, but for the slash at the path's end. */
export function requestTarget(unsigned: Unsigned): string {
  const query = encodedQuery(unsigned)
  return query === '' ? encodedPath(unsigned) : `${encodedPath(unsigned)}?${query}`
}
