/** Which screen the address names. It stands behind the `#`: the server knows one page alone. */
import { useEffect, useState } from 'preact/hooks'

export interface Place {
  /** `['runs', 'nightly-dev.20261120T120000Z']` */
  parts: string[]
  query: URLSearchParams
}

function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  return { parts: path.split('/').filter(Boolean).map(decodePart), query: new URLSearchParams(query) }
}

/** What is not encoded rightly is taken as it stands. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

type Hold = (hash: string) => boolean

let hold: Hold | null = null

/** Has each move asked about, until the returned function is called: one that is held changes no screen. */
export function holdPlace(asked: Hold): () => void {
  hold = asked
  return () => {
    if (hold === asked) hold = null
  }
}

/** The place that the address names, now and whenever it changes. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const moved = () => {
      if (!hold?.(location.hash)) setHash(location.hash)
    }
    window.addEventListener('hashchange', moved)
    // It may have changed since the first drawing.
    moved()
    return () => window.removeEventListener('hashchange', moved)
  }, [])
  return placeOf(hash)
}

/** A link to a place: `hrefTo(['runs', id], { status: 'failed' })`. */
export function hrefTo(parts: string[], query: Record<string, string> = {}): string {
  const path = `#/${parts.map(encodeURIComponent).join('/')}`
  return Object.keys(query).length === 0 ? path : `${path}?${new URLSearchParams(query)}`
}

export const goTo = (href: string): void => {
  location.hash = href
}

/** The same place with another query, without a step in the history. */
export function replaceQuery(query: Record<string, string>): void {
  const [path] = location.hash.split('?')
  const filled = Object.entries(query).filter(([, value]) => value !== '')
  const next = filled.length === 0 ? path! : `${path}?${new URLSearchParams(filled)}`
  history.replaceState(null, '', next || '#/')
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}
