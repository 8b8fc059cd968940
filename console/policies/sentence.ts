/** A policy as sentences. */
import type { Policy } from '../api/types.ts'
import { connectionsText } from '../words/connections.ts'
import { countText } from '../words/run.ts'
import { formatDate, zoneName } from '../words/time.ts'
import { type CronWords, cronWords, listText } from './cron-words.ts'
import { excludeText, kindWord, selectorText } from './selector-words.ts'

const whenText = ({ times, days }: CronWords): string => (days === '' ? times : `${times} ${days}`)

/** `at 20:00 on weekdays`; a cron that is no common form as it is. */
export function cronText(cron: string): string {
  const words = cronWords(cron)
  return words === null ? `by the cron ${cron}` : whenText(words)
}

/** The start beside the stop: the days are said again only where they are others. */
function startText({ schedule, start }: Pick<Policy, 'schedule' | 'start'>): string {
  if (start === null) return ''
  const stops = cronWords(schedule.cron)
  const starts = cronWords(start.cron)
  const isSameDays = stops !== null && starts !== null && stops.days === starts.days
  const when = isSameDays ? starts.times : cronText(start.cron)
  return start.servers === 'stopped'
    ? `; starts them ${when}`
    : `; starts every one of them that is off ${when}`
}

/** Which servers, and which not: `servers with the tag env = dev, but not those with the tag role = ci,`. */
function targetText(policy: Policy): string {
  const without = excludeText(policy)
  return without === null ? selectorText(policy) : `${selectorText(policy)}, but not those ${without},`
}

/**
 * `Stops 212 servers at 20:00 on weekdays (Shanghai); starts them at 07:00.` Without a count it says which servers
 * instead.
 */
export function policySentence(policy: Policy, count?: number): string {
  const { schedule, kind } = policy
  const what =
    count === undefined
      ? targetText(policy)
      : countText(count, kind === 'bms' ? 'bare-metal server' : 'server', kindWord(kind))
  return `Stops ${what} ${cronText(schedule.cron)} (${zoneName(schedule.timeZone)})${startText(policy)}.`
}

interface Sentence {
  /** What it is about: `Servers`, `Limits`. */
  topic: string
  text: string
}

/** The rest of a policy: who, how, how much at most, and when not. */
export function policySentences(policy: Policy): Sentence[] {
  const sentences: [string, string[]][] = [
    ['Servers', whichSentences(policy)],
    ['How', howSentences(policy)],
    ['Starts', startSentences(policy)],
    ['Limits', limitSentences(policy)],
    ['Not on', skipSentences(policy)],
    ['Calendars', calendarSentences(policy)],
    ['Late', lateSentences(policy)],
    ['Warns', warnSentences(policy)],
    ['Tells', toldSentences(policy)],
  ]
  return sentences.flatMap(([topic, texts]) => (texts.length === 0 ? [] : [{ topic, text: texts.join(' ') }]))
}

function whichSentences(policy: Policy): string[] {
  const without = excludeText(policy)
  const all = selectorText(policy)
  return [
    `${all[0]!.toUpperCase()}${all.slice(1)}, of ${connectionsText(policy)}.`,
    ...(without === null ? [] : [`Left out: those ${without}.`]),
  ]
}

export function howSentences({ kind, mode, escalateAfterMinutes: minutes }: Policy): string[] {
  if (kind === 'bms') return ['Bare metal has no soft stop: its power is cut.']
  if (mode === 'hard') return ['The power is cut (hard).']
  const after =
    minutes === null
      ? 'A server that does not shut down stays up, and the run says so.'
      : `A server still up after ${minutes} min has its power cut (hard).`
  return ['The guest is asked to shut down (soft).', after]
}

function startSentences({ start }: Policy): string[] {
  if (start === null) return ['It starts nothing: somebody else has to.']
  const { servers, retryMinutes } = start
  const which =
    servers === 'stopped'
      ? 'What its own runs stopped, and is still off.'
      : 'Every server of its selector that is off, whoever stopped it.'
  const retry =
    retryMinutes === 0
      ? 'Where the cloud has no room for a server, it is asked once.'
      : `Where the cloud has no room for a server, it is asked again for ${retryMinutes} min.`
  return [which, retry]
}

function limitSentences({ kind, limits, haltShare, ...policy }: Policy): string[] {
  const { maxServers, maxPercent, historyFactor } = limits
  const most = [
    ...(maxServers === null ? [] : [`more than ${countText(maxServers, 'server')}`]),
    ...(maxPercent === null
      ? []
      : [`more than ${maxPercent} % of all ${kindWord(kind)} of ${policy.connection ?? 'its connection'}`]),
    ...(historyFactor === null ? [] : [`more than ${historyFactor} times as many as its own recent runs`]),
  ]
  return [
    most.length === 0
      ? 'None: a run may be of any size.'
      : `A run of ${listText(most, 'or')} is blocked, and nothing is done.`,
    ...(haltShare === null
      ? []
      : [`Once ${percentText(haltShare)} of a run's servers failed, the rest is not sent.`]),
  ]
}

const percentText = (share: number): string => `${Number((share * 100).toFixed(4))} %`

/** More dates than this are counted. */
const MAX_DATES = 12

function skipSentences({ schedule }: Policy): string[] {
  const { skipDates } = schedule
  if (skipDates.length === 0) return []
  const named = skipDates.slice(0, MAX_DATES).map(date => dateText(date))
  const more = skipDates.length - named.length
  return [`${listText(more === 0 ? named : [...named, `${countText(more, 'more date')}`])}.`]
}

const calendarSentences = ({ schedule }: Policy): string[] =>
  schedule.calendars.map(({ id, effect }) =>
    effect === 'skip' ? `Not at the events of ${id}.` : `Also on the dates of ${id}.`,
  )

function warnSentences({ warn }: Policy): string[] {
  if (warn === null) return []
  const { minutesBefore, maxSnoozeHours } = warn
  return [
    `${minutesBefore} min before a stop, with links that let it come ${maxSnoozeHours} h later at most.`,
  ]
}

const toldSentences = ({ notify, webhook }: Policy): string[] => [
  ...notify.map(({ channel, on }) => `The channel ${channel} of: ${on.join(', ')}.`),
  ...(webhook === null ? [] : [`${webhook.url}, whenever a run ends.`]),
]

/** A date of the calendar, whatever the zone: `1 Oct 2026`. */
const dateText = (date: string): string =>
  Number.isNaN(Date.parse(`${date}T00:00Z`))
    ? date
    : formatDate(`${date}T00:00Z`, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' })

function lateSentences({ schedule, start }: Policy): string[] {
  const starts = start === null ? '' : `, a start within ${start.catchUpMinutes} min`
  return [
    `A stop that could not begin in time begins within ${schedule.catchUpMinutes} min${starts}; later it is missed.`,
  ]
}
