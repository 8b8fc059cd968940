/** What the Now screen says, apart from how it looks. */
import type { Attention, NextAction, NowAnswer, Preview, Run } from '../api/types.ts'
import { countText, type Tone } from '../words/run.ts'
import { clockTime, formatDate, ownZone, zoneName } from '../words/time.ts'
import { wallDate, wallTime } from '../words/wall-time.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** As far ahead as a policy may be snoozed. */
const MAX_SNOOZE_MS = 30 * DAY_MS

/** What acts next: `nightly-dev stops 212 servers`; without a number where it would be about nobody right now, or is not known. */
export function nextText({ policyId, action }: NextAction, targets: number | null): string {
  const verb = action === 'stop' ? 'stops' : 'starts'
  return `${policyId} ${verb} ${targets ? countText(targets, 'server') : 'its servers'}`
}

/** Of whom, as things stand: `right now it would stop nobody`, `9 left alone: 6 protected, 3 already off`. */
export const whomTexts = ({ action }: NextAction, preview: Preview): string[] => [
  preview.summary.targets === 0 ? `right now it would ${action} nobody` : '',
  leftAloneText(preview),
]

/** `today`, `tomorrow`, or the date, on the calendar of a zone. */
export function dayWord(at: string, timeZone: string, now: number): string {
  const date = wallDate(Date.parse(at), timeZone)
  if (date === wallDate(now, timeZone)) return 'today'
  if (date === wallDate(now, timeZone, 1)) return 'tomorrow'
  return formatDate(at, { timeZone, weekday: 'short', day: 'numeric', month: 'short' })
}

/** `today 20:00 Shanghai (13:00 here)` */
export function dueText(at: string, timeZone: string, now: number): string {
  const there = `${dayWord(at, timeZone, now)} ${clockTime(at, timeZone)} ${zoneName(timeZone)}`
  const own = ownZone()
  const here = clockTime(at, own)
  const isSameDay = wallDate(Date.parse(at), own) === wallDate(Date.parse(at), timeZone)
  if (isSameDay && here === clockTime(at, timeZone)) return there
  return `${there} (${isSameDay ? here : `${dayWord(at, own, now)} ${here}`} here)`
}

/** How it stops, and when its servers come back: `soft, hard after 15 min`, `back tomorrow 07:00`. */
export function mannerTexts(next: NextAction, now: number): string[] {
  const { action, mode, escalateAfterMinutes, returnsAt, timeZone, kind } = next
  if (action === 'start') return []
  const how = mode === 'hard' ? 'hard: the power is cut' : 'soft'
  const back =
    returnsAt === null
      ? 'nothing starts them again'
      : `back ${dayWord(returnsAt, timeZone, now)} ${clockTime(returnsAt, timeZone)}`
  return [
    kind === 'bms' ? `bare metal, ${how}` : how,
    escalateAfterMinutes === null ? '' : `hard after ${escalateAfterMinutes} min`,
    back,
  ].filter(Boolean)
}

const CODE_WORDS: Record<string, string> = {
  'already-stopped': 'already off',
  'already-running': 'already up',
  'in-scaling-group': 'in a scaling group',
}
const codeWords = (code: string): string => CODE_WORDS[code] ?? code.replaceAll('-', ' ')

/** `9 left alone: 6 protected, 3 already off`; empty where nobody is. */
function leftAloneText({ summary, skipped }: Preview): string {
  if (summary.skipped === 0) return ''
  const counts = new Map<string, number>()
  for (const { code } of skipped) counts.set(code, (counts.get(code) ?? 0) + 1)
  const parts = [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([code, count]) => `${count.toLocaleString()} ${codeWords(code)}`)
  const all = `${summary.skipped.toLocaleString()} left alone`
  // Of a longer list the first thousand are there alone: their shares are not those of all.
  return skipped.length < summary.skipped ? all : `${all}: ${parts.join(', ')}`
}

const EVENING = 17
const MORNING = 6

/** What one calls the stop that is skipped. */
export function skipLabel({ at, timeZone }: NextAction, now: number): 'Not tonight' | 'Not this time' {
  const hour = Number(wallTime(Date.parse(at), timeZone).slice(11, 13))
  const isToday = Date.parse(at) - now < DAY_MS && (hour >= EVENING || hour < MORNING)
  return isToday ? 'Not tonight' : 'Not this time'
}

/** Just after a due time: that one is skipped, the next one is not. `null`: it lies too far ahead to be snoozed. */
export function snoozeUntilAfter({ at }: NextAction, now: number): string | null {
  const until = Date.parse(at) + MINUTE_MS
  return until - now > MAX_SNOOZE_MS ? null : new Date(until).toISOString()
}

const wordFor = (status: 'stopped' | 'started'): string => (status === 'stopped' ? 'off' : 'up')

/** What has become of the targets of a run, as parts of a bar; what is left of it waits. */
export const targetParts = ({ summary }: Run): { count: number; label: string; tone: Tone }[] => [
  { count: summary.stopped, label: wordFor('stopped'), tone: 'good' },
  { count: summary.started, label: wordFor('started'), tone: 'good' },
  { count: summary.failed, label: 'failed', tone: 'bad' },
  { count: summary.unconfirmed, label: 'not confirmed', tone: 'part' },
]

/** `3 of 5 chunks sent, 2 followed to their end`; empty until the servers are found. */
export function chunksText({ progress }: Run): string {
  if (!progress) return ''
  const { chunks, sent, followed } = progress
  return `${sent} of ${countText(chunks, 'chunk')} sent, ${followed} followed to the end`
}

interface Advice {
  title: string
  tone: Tone
  todo: string
  /** `null`: there is nothing to open. */
  link: { label: string; parts: string[] } | null
}

const openRun = ({ runId }: Attention): Advice['link'] =>
  runId === undefined ? null : { label: 'See why', parts: ['runs', runId] }
const openPolicy = ({ policyId }: Attention): Advice['link'] =>
  policyId === undefined ? null : { label: 'Open the policy', parts: ['policies', policyId] }
const openConnection = ({ connection }: Attention): Advice['link'] =>
  connection === undefined ? null : { label: 'Check the connection', parts: ['connections', connection] }

/** What is wrong, what to do about it, and where. */
export function adviceOn(attention: Attention): Advice {
  const of = attention.policyId ?? (attention.runId === undefined ? '' : 'A run by hand')
  switch (attention.code) {
    case 'run-failed':
      return {
        title: `${of} failed`,
        tone: 'bad',
        todo: 'Repair the cause, then run it again.',
        link: openRun(attention),
      }
    case 'run-partial':
      return {
        title: `${of} did not reach every server`,
        tone: 'part',
        todo: 'Look at the servers it did not reach.',
        link: openRun(attention),
      }
    case 'run-blocked':
      return {
        title: `${of} was blocked`,
        tone: 'bad',
        todo: 'If the number is right, run it once over the limit, or raise the limit.',
        link: openRun(attention),
      }
    case 'run-missed':
      return {
        title: `${of} was missed`,
        tone: 'bad',
        todo: 'Find out why nothing ran then. Run it by hand if it is still wanted.',
        link: openRun(attention),
      }
    case 'key-refused':
      return {
        title: `The key of ${attention.connection} is refused`,
        tone: 'bad',
        todo: 'Its runs fail until the key is renewed. Then check the connection.',
        link: openConnection(attention),
      }
    case 'matches-nothing':
      return {
        title: `${of} matched no server`,
        tone: 'part',
        todo: 'Correct its selector, or delete it.',
        link: openPolicy(attention),
      }
    case 'unreadable':
      return {
        title: 'A document cannot be read',
        tone: 'bad',
        todo: 'Write it again.',
        link: openPolicy(attention) ?? openConnection(attention) ?? openRun(attention),
      }
  }
}

const LIVE_MS = 3000
const QUIET_MS = 60_000

/** ms until Now is asked for again: soon while something goes on, and right after the next due time. */
export function nextPollMs(answer: NowAnswer | null, now: number): number {
  if (answer === null) return QUIET_MS
  if (answer.underWay.length > 0) return LIVE_MS
  const [first] = answer.next
  const untilDue = first ? Date.parse(first.at) - now + LIVE_MS : QUIET_MS
  return Math.min(QUIET_MS, Math.max(LIVE_MS, untilDue))
}
