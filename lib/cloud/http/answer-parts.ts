/** What is read of an answer beside what it says. */
import { idsNamedIn } from './error-body.ts'
import type { Exchanged } from './transport.ts'

/** What came, where something did. */
export type ExchangedAnswer = Extract<Exchanged, { kind: 'answered' }>

/** Which of the servers asked for an answer names; an answer that repeats a whole request of several names none. */
export function blamedIn(text: string, ids: string[]): string[] {
  const named = idsNamedIn(text, ids)
  return named.length === ids.length && ids.length > 1 ? [] : named
}

export const headerOf = ({ headers }: ExchangedAnswer, name: string): string | null =>
  [headers[name] ?? []].flat()[0] || null

/** Seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfterSeconds(value: string | null, nowMs: number): number | null {
  if (value === null) return null
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - nowMs) / 1000)
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}

/** The gateway's messages repeat the access key, and the canonical request with its security token. */
export const hideSecrets = (secrets: string[], text: string): string =>
  secrets
    .flatMap(secret => [secret, encodeURIComponent(secret), secret.replaceAll('/', '\\/')])
    .reduce((safe, secret) => safe.replaceAll(secret, '[hidden]'), text)
