/** JSON as a person writes it: what it says, on which line each part of it stands, or where it goes wrong. */

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [name: string]: Json
}

export interface JsonProblem {
  /** Both from 1. */
  line: number
  column: number
  message: string
}

interface JsonRead {
  value: Json
  /** The line of each value by its path: `schedule.cron`, `skipDates.0`; the whole is at ``. */
  lines: Map<string, number>
}

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

class JsonMistake extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that a text may not hold
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/** Where a reading is, and what it has found on its way. */
class Reader {
  at = 0
  readonly starts = new Map<string, number>()
  readonly text: string
  constructor(text: string) {
    this.text = text
  }

  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found === undefined) return null
    this.at += found.length
    return found
  }

  /** Whether the next character is this one; if so, it is behind. */
  takes(character: string): boolean {
    this.take(SPACE)
    if (this.text[this.at] !== character) return false
    this.at += 1
    return true
  }

  fail(expected: string, at = this.at): never {
    const got = this.text[at]
    throw new JsonMistake(
      at,
      `expected ${expected}, got ${got === undefined ? 'the end' : JSON.stringify(got)}`,
    )
  }

  value(path: string): Json {
    this.take(SPACE)
    this.starts.set(path, this.at)
    if (this.takes('{')) return this.object(path)
    if (this.takes('[')) return this.list(path)
    const found = this.take(TEXT) ?? this.take(NUMBER) ?? this.take(WORD)
    if (found !== null) return JSON.parse(found)
    const hint = this.text[this.at] === '"' ? 'a text that ends with " on the same line' : 'a value'
    return this.fail(hint)
  }

  object(path: string): JsonObject {
    const entries = new Map<string, Json>()
    if (this.takes('}')) return {}
    do {
      this.take(SPACE)
      const start = this.at
      const name = this.take(TEXT)
      if (name === null) this.fail('a name in double quotes')
      const key: string = JSON.parse(name)
      if (entries.has(key)) throw new JsonMistake(start, `the name ${name} stands here twice`)
      if (!this.takes(':')) this.fail('a colon')
      entries.set(key, this.value(below(path, key)))
    } while (this.takes(','))
    if (!this.takes('}')) this.fail('a comma or }')
    return Object.fromEntries(entries)
  }

  list(path: string): Json[] {
    const items: Json[] = []
    if (this.takes(']')) return items
    do items.push(this.value(below(path, String(items.length))))
    while (this.takes(','))
    if (!this.takes(']')) this.fail('a comma or ]')
    return items
  }
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function placeOfOffset(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

/** Reads what `JSON.parse` reads, but for names that stand twice in one object: one of them would be lost. */
export function readJsonText(text: string): JsonRead | { problem: JsonProblem } {
  const reader = new Reader(text)
  try {
    const value = reader.value('')
    reader.take(SPACE)
    if (reader.at < text.length) reader.fail('the end')
    const lines = [...reader.starts].map(([path, at]) => [path, placeOfOffset(text, at).line] as const)
    return { value, lines: new Map(lines) }
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error
    return { problem: { ...placeOfOffset(text, error.at), message: error.message } }
  }
}

/** The line of a path, or of the nearest thing around it that is there. */
export function lineOfPath(lines: Map<string, number>, path: string): number {
  const found = lines.get(path)
  if (found !== undefined || path === '') return found ?? 1
  return lineOfPath(lines, path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '')
}
