/** The components of a calendar, and their properties. */
import ICAL from 'ical.js'
import { CalendarProblem, calendarLines, type Line, quoteLine } from './lines.ts'

export interface Component {
  /** In capitals, such as `VEVENT`. */
  name: string
  /** Where it begins. */
  line: number
  lines: Line[]
  parts: Component[]
}

/** Events hold alarms, and no program nests deeper than that. */
const MAX_DEPTH = 8

/** What it is of, behind `BEGIN:` or `END:`. */
const framed = ({ text }: Line): string =>
  text
    .slice(text.indexOf(':') + 1)
    .trim()
    .toUpperCase()

function closeComponent(open: Component[], line: Line): void {
  const expected = open.pop()!.name
  if (framed(line) !== expected)
    throw new CalendarProblem(line.number, `expected END:${expected}, got ${quoteLine(line.text)}`)
}

function openComponent(open: Component[], line: Line): void {
  if (open.length > MAX_DEPTH)
    throw new CalendarProblem(line.number, `expected at most ${MAX_DEPTH} components in each other, got more`)
  const component = { name: framed(line), line: line.number, lines: [], parts: [] }
  open.at(-1)!.parts.push(component)
  open.push(component)
}

function placeLine(open: Component[], line: Line): void {
  if (open.length === 1 && !/^BEGIN:VCALENDAR\s*$/i.test(line.text))
    throw new CalendarProblem(line.number, `expected BEGIN:VCALENDAR, got ${quoteLine(line.text)}`)
  if (line.name === 'BEGIN') openComponent(open, line)
  else if (line.name === 'END') closeComponent(open, line)
  else open.at(-1)!.lines.push(line)
}

/** What stands in the calendars of a text: one is usual. Throws `CalendarProblem`. */
export function componentsOf(bytes: Uint8Array): Component[] {
  const root: Component = { name: '', line: 1, lines: [], parts: [] }
  const open = [root]
  const lines = calendarLines(bytes)
  for (const line of lines) placeLine(open, line)
  const [last] = lines.slice(-1)
  if (!last) throw new CalendarProblem(1, 'expected BEGIN:VCALENDAR, got nothing')
  if (open.length > 1)
    throw new CalendarProblem(last.number, `expected END:${open.at(-1)!.name}, got the end of the calendar`)
  return root.parts.flatMap(({ parts }) => parts)
}

/** A property as ical.js reads it. */
export interface PropertyRead {
  line: number
  name: string
  parameters: Record<string, string | string[]>
  type: string
  values: unknown[]
}

function readProperty({ number, name, text }: Line): PropertyRead {
  try {
    const [, parameters, type, ...values] = ICAL.parse.property(text) as [
      string,
      PropertyRead['parameters'],
      string,
      ...unknown[],
    ]
    return { line: number, name, parameters, type, values }
  } catch (error) {
    throw new CalendarProblem(number, `${name} cannot be read: ${(error as Error).message.slice(0, 200)}`)
  }
}

/** All of that name. */
export const propertiesOf = ({ lines }: Component, name: string): PropertyRead[] =>
  lines.filter(line => line.name === name).map(readProperty)

export const propertyOf = (component: Component, name: string): PropertyRead | undefined =>
  propertiesOf(component, name)[0]

/** The text of a property; empty where there is none. */
export const propertyText = (component: Component, name: string): string =>
  String(propertyOf(component, name)?.values[0] ?? '')
