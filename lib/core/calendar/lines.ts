/** The lines of a calendar: put together where they were folded, each with its number and its parts. */

/** What is wrong with a calendar, and in which line. */
export class CalendarProblem extends Error {
  override name = 'CalendarProblem'
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
  }
}

export interface Line {
  number: number
  /** In capitals. */
  name: string
  text: string
}

const NEWLINE = 10

const RETURN = 13

const SPACE = 32

const TAB = 9
const MAX_SHOWN = 60
/** Each takes memory, however short it is. */
const MAX_LINES = 100_000

export const quoteLine = (text: string): string =>
  `"${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}"`

/** Where each line as it is written begins and ends; it may end as Windows, Unix or old Macs end them. */
function* writtenLines(bytes: Uint8Array): Generator<Uint8Array> {
  let from = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== NEWLINE && byte !== RETURN) continue
    yield bytes.subarray(from, at)
    if (byte === RETURN && bytes[at + 1] === NEWLINE) at++
    from = at + 1
  }
  yield bytes.subarray(from)
}

interface Folded {
  number: number
  parts: Uint8Array[]
}

/** Some programs fold in the middle of a character: bytes are put together before they are read. */
function joinParts(parts: Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1) return only!
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodedText({ number, parts }: Folded): string {
  try {
    return utf8.decode(joinParts(parts))
  } catch {
    throw new CalendarProblem(number, 'expected UTF-8, got other bytes')
  }
}

function lineOf(folded: Folded): Line {
  const text = decodedText(folded)
  const { number } = folded
  const [, name] = /^([A-Za-z0-9-]+)[;:]/.exec(text) ?? []
  if (name === undefined)
    throw new CalendarProblem(number, `expected a property such as SUMMARY:text, got ${quoteLine(text)}`)
  return { number, name: name.toUpperCase(), text }
}

/** Empty lines are passed over. */
export function calendarLines(bytes: Uint8Array): Line[] {
  const all: Folded[] = []
  let number = 0
  for (const part of writtenLines(bytes)) {
    number++
    if (number > MAX_LINES) throw new CalendarProblem(number, `expected at most ${MAX_LINES} lines, got more`)
    const isFolded = part[0] === SPACE || part[0] === TAB
    const before = all.at(-1)
    if (isFolded && before) before.parts.push(part.subarray(1))
    else if (part.length > 0) all.push({ number, parts: [part] })
  }
  return all.map(lineOf)
}
