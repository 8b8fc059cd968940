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

const isPlainTag = ([key, values]: [string, Json]): boolean =>
  /^[^=\n]+$/.test(key) &&
  key.trim() === key &&
  isTexts(values) &&
  values.every(value => /^[^,\n]+$/.test(value) && value.trim() === value)

/** `env = dev, test` on a line for each tag; a line without `=` is any value. Left out when empty. */
export const TAGS: Notation = {
  print: value => {
    if (value === undefined) return ''
    if (!isJsonObject(value)) return null
    const entries = Object.entries(value)
    if (entries.length === 0 || !entries.every(isPlainTag)) return null
    return entries
      .map(([key, values]) =>
        (values as string[]).length === 0 ? key : `${key} = ${(values as string[]).join(', ')}`,
      )
      .join('\n')
  },
  parse: text => {
    const lines = text.split('\n').filter(line => line.trim() !== '')
    const tags = new Map<string, string[]>()
    for (const line of lines) {
      const [key = '', values = ''] = line.split(/=(.*)/s).map(part => part.trim())
      const named = values.split(',').flatMap(one => one.trim() || [])
      tags.set(key, [...(tags.get(key) ?? []), ...named])
    }
    return lines.length === 0 ? undefined : Object.fromEntries(tags)
  },
}

/** The address of a webhook; the name of its secret stays. `null` when empty. */
export const WEBHOOK: Notation = {
  print: value => {
    if (value === undefined || value === null) return ''
    return isJsonObject(value) ? TEXT.print(value.url) : null
  },
  parse: (text, before) => (text === '' ? null : { ...(isJsonObject(before) ? before : {}), url: text }),
}
