/** Values of a policy as texts that a person edits. */
import { isJsonObject, type Json } from '../json-text.ts'

/** How a field of the form writes a value of the document. */
export interface Notation {
  /** `null`: this value cannot be written so, and is left to the JSON. */
  print(value: Json | undefined): string | null
  /** `before` is the value that the text takes the place of. */
  parse(text: string, before?: Json): Json | undefined
}

const isTexts = (value: Json | undefined): value is string[] =>
  Array.isArray(value) && value.every(one => typeof one === 'string')

/** A text that is always there. */
export const TEXT: Notation = {
  print: value => (value === undefined || typeof value === 'string' ? (value ?? '') : null),
  parse: text => text,
}

/** A text that is left out when empty. */
export const OPTIONAL_TEXT: Notation = {
  print: TEXT.print,
  parse: text => (text === '' ? undefined : text),
}

// What is no number stays as it was typed: the API says what it expects.
const numberIn = (text: string): Json => {
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

const printNumber = (value: Json | undefined): string | null => {
  if (value === undefined || value === null) return ''
  return typeof value === 'number' ||
    (typeof value === 'string' && value.trim() !== '' && numberIn(value) === value)
    ? String(value)
    : null
}

/** A number; the default is taken when empty. */
export const NUMBER: Notation = {
  print: value => (value === null ? null : printNumber(value)),
  parse: text => (text.trim() === '' ? undefined : numberIn(text)),
}

/** A number, or `null` when empty. A value that is absent is the default. */
export const nullableNumber = (whenAbsent: number | null): Notation => ({
  print: value => printNumber(value === undefined ? whenAbsent : value),
  parse: text => (text.trim() === '' ? null : numberIn(text)),
})

/** A share as percent, or `null` when empty. */
export const percentOr = (whenAbsent: number | null): Notation => {
  const number = nullableNumber(null)
  return {
    print: value => {
      const share = value === undefined ? whenAbsent : value
      return number.print(typeof share === 'number' ? Number((share * 100).toFixed(8)) : share)
    },
    parse: text => {
      const percent = number.parse(text)
      return typeof percent === 'number' ? Number((percent / 100).toFixed(10)) : percent
    },
  }
}

const wordsIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

const printWords = (value: Json | undefined): string | null => {
  if (value === undefined) return ''
  return isTexts(value) && value.every(word => /^[^\s,]+$/.test(word)) ? value.join('\n') : null
}

/** A list of words, each on a line; left out when empty. */
export const OPTIONAL_WORDS: Notation = {
  print: value => (isTexts(value) && value.length === 0 ? null : printWords(value)),
  parse: text => (wordsIn(text).length === 0 ? undefined : wordsIn(text)),
}

/** A list of words that is there also when empty. */
export const WORDS: Notation = { print: printWords, parse: wordsIn }

/** `name = one, another` on a line for each. */
type NamedList = [name: string, values: Json]

const isPlainList = ([name, values]: NamedList): boolean =>
  isTexts([name]) &&
  /^[^=\n]+$/.test(name) &&
  name.trim() === name &&
  isTexts(values) &&
  values.every(value => /^[^,\n]+$/.test(value) && value.trim() === value)

const printList = ([name, values]: NamedList): string =>
  (values as string[]).length === 0 ? name : `${name} = ${(values as string[]).join(', ')}`

const printLists = (lists: NamedList[]): string | null =>
  lists.every(isPlainList) ? lists.map(printList).join('\n') : null

const listsIn = (text: string): [name: string, values: string[]][] =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [name = '', values = ''] = line.split(/=(.*)/s).map(part => part.trim())
      return [name, values.split(',').flatMap(one => one.trim() || [])]
    })

/** `env = dev, test` on a line for each tag; a line without `=` is any value. Left out when empty. */
export const TAGS: Notation = {
  print: value => {
    if (value === undefined) return ''
    if (!isJsonObject(value)) return null
    const entries = Object.entries(value)
    return entries.length === 0 ? null : printLists(entries)
  },
  parse: text => {
    const lists = listsIn(text)
    const tags = new Map<string, string[]>()
    for (const [key, values] of lists) tags.set(key, [...(tags.get(key) ?? []), ...values])
    return lists.length === 0 ? undefined : Object.fromEntries(tags)
  },
}

/** A list of objects of two fields, as `one = other` on a line for each; there also when empty. */
const pairs = (
  [name, other]: [string, string],
  isOther: (value: Json | undefined) => boolean,
): Notation['print'] => {
  const listOf = (one: Json): NamedList =>
    isJsonObject(one) && Object.keys(one).join() === `${name},${other}` && isOther(one[other])
      ? [one[name] as string, [one[other] as Json].flat()]
      : NO_LIST
  return (value = []) => (Array.isArray(value) ? printLists(value.map(listOf)) : null)
}
/** It cannot be printed. */
const NO_LIST: NamedList = ['', null]

/** `holidays = skip` on a line for each calendar; a line without `=` skips. */
export const CALENDARS: Notation = {
  print: pairs(['id', 'effect'], value => typeof value === 'string'),
  parse: text => listsIn(text).map(([id, effects]) => ({ id, effect: effects.join(', ') || 'skip' })),
}

/** `ops = failed, partial` on a line for each channel. */
export const TOLD: Notation = {
  print: pairs(['channel', 'on'], isTexts),
  parse: text => listsIn(text).map(([channel, on]) => ({ channel, on })),
}

/** The address of a webhook; the name of its secret stays. `null` when empty. */
export const WEBHOOK: Notation = {
  print: value => {
    if (value === undefined || value === null) return ''
    return isJsonObject(value) ? TEXT.print(value.url) : null
  },
  parse: (text, before) => (text === '' ? null : { ...(isJsonObject(before) ? before : {}), url: text }),
}
