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

/** Shorter ones would take words out of every sentence. */
const LEAST_BASE64 = 8

/** A secret in base64, alone or after one or two other bytes: only the letters that none but its own bytes make. */
function base64Forms(secret: string): string[] {
  const forms = [0, 1, 2].map(before => {
    const bytes = Buffer.from(`${' '.repeat(before)}${secret}`)
    return bytes.toString('base64').slice(before && before + 1, Math.floor((bytes.length * 4) / 3))
  })
  return forms.filter(({ length }) => length >= LEAST_BASE64)
}

/** JSON as Python writes it, and Keystone with it. */
const asciiJson = (json: string): string =>
  json.replaceAll(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** As it is, and as URLs, JSON, headers and pages of errors write it. */
function writtenForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const base64 = base64Forms(secret)
  const base64url = base64.map(form => form.replaceAll('+', '-').replaceAll('/', '_'))
  return [
    secret,
    encodeURIComponent(secret),
    json,
    json.replaceAll('/', '\\/'),
    asciiJson(json),
    ...base64,
    ...base64url,
  ]
}

/** The gateway's messages repeat the access key, and the canonical request with its security token. */
export const hideSecrets = (secrets: string[], text: string): string =>
  secrets
    .flatMap(writtenForms)
    // One within another would leave the rest of that.
    .toSorted((one, other) => other.length - one.length)
    .reduce((safe, form) => safe.replaceAll(form, '[hidden]'), text)
