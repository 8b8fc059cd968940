/** Messages to channels about a run: its end, a hard stop that follows, a start without capacity. */
import { ACTIONS } from '../../model/action.ts'
import type { Occasion, RunPolicy } from '../../model/model.ts'
import { badEnds, type OutcomeCode } from '../../model/outcome.ts'
import type { Run } from '../../model/run.ts'
import { localTime } from '../../schedule/zone.ts'
import { NO_CAPACITY, type RequestEvent, runEnded } from '../events.ts'
import { webhookBody } from '../webhook.ts'
import type { Language } from './channel.ts'
import type { ChannelMessage } from './message.ts'
import { type Words, wordsIn } from './words.ts'

/** What a message of a run is made from, beside the run. */
interface RunTelling {
  policy: RunPolicy
  /** Of the first few servers. */
  names: string[]
  /** The name of this installation. */
  service: string
  /** Where the console is. */
  publicUrl: string
}

/** How many servers a message names. */
export const MAX_NAMES = 5

export const MARKS: Record<Occasion, string> = {
  warning: '⏳',
  succeeded: '✅',
  started: '✅',
  partial: '⚠️',
  failed: '❌',
  blocked: '⛔',
  missed: '⏰',
  cancelled: '🚫',
  escalated: '⚡',
  'no-capacity': '🧊',
}

/** A start that went well is an occasion of its own: people who wait for servers are not those who want to hear of stops. */
export const occasionOf = ({ action, status }: Pick<Run, 'action' | 'status'>): Occasion =>
  action === 'start' && status === 'succeeded' ? 'started' : (status as Occasion)

function titleName(run: Run, words: Words): string {
  const notes = [
    ...(run.undoes === undefined ? [] : [`${words.undo} ${run.undoes}`]),
    ...(run.dryRun ? [words.dryRun] : []),
    ...(run.trigger === 'manual' && run.undoes === undefined ? [words.manual] : []),
  ]
  return `${run.policyId ?? run.id}${notes.length > 0 ? ` (${notes.join(words.comma)})` : ''}`
}

const timeOf = (instant: string, policy: RunPolicy): string =>
  localTime(Date.parse(instant), 'schedule' in policy ? policy.schedule.timeZone : 'UTC')

function numbersOf({ action, summary }: Run, words: Words): string {
  const { targets, skipped, failed, unconfirmed } = summary
  const { done } = ACTIONS[action]
  return [
    words.numbers(summary[done], targets, words[done]),
    ...(failed > 0 ? [words.failed(failed)] : []),
    ...(unconfirmed > 0 ? [words.unconfirmed(unconfirmed)] : []),
    ...(skipped > 0 ? [words.skipped(skipped)] : []),
  ].join(words.comma)
}

/** Such as `still-running 9, not-learnt 2`. */
function reasonsOf({ codes }: Run, words: Words): string {
  const told = badEnds(codes).toSorted((one, other) => other.count - one.count)
  return told
    .map(({ code, count }) => `${words.codes[code as OutcomeCode] ?? code} ${count}`)
    .join(words.comma)
}

export function namesOf(names: string[], count: number, words: Words): string {
  const rest = count - names.length
  return [...names, ...(rest > 0 ? [words.more(rest)] : [])].join(words.comma)
}

/** Facts, without those that have no value. */
export const factsOf = (told: [name: string, value: string][]) =>
  told.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }))

/** How many servers the message is about: the names are of the first few of them. */
const namedCount = ({ action, status, summary }: Run): number => {
  const bad = summary.failed + summary.unconfirmed
  if (bad > 0) return bad
  return status === 'blocked' ? summary.skipped : summary[ACTIONS[action].done]
}

const runLinks = ({ id }: Run, publicUrl: string, words: Words) => [
  { text: words.openRun, url: `${publicUrl}/#/runs/${encodeURIComponent(id)}` },
]

/** The message about the end of a run. Throws where it has not ended. */
export function runMessage(run: Run, telling: RunTelling, language: Language): ChannelMessage {
  const words = wordsIn(language)
  const { policy, names, service, publicUrl } = telling
  const ended = runEnded(run, service)
  const on = occasionOf(run)
  const reasons = reasonsOf(run, words)
  return {
    on,
    title: `${MARKS[on]} ${titleName(run, words)}: ${words.ended[ended.run.status]}`,
    facts: factsOf([
      [words.result, run.summary.matched > 0 ? numbersOf(run, words) : ''],
      [words.reasons, reasons],
      // The numbers and the reasons by count say the same in the channel's language.
      [words.reason, reasons === '' ? (run.reason ?? '') : ''],
      [words.servers, namesOf(names, namedCount(run), words)],
      [words.due, timeOf(run.dueAt, policy)],
      [words.connection, run.connection],
    ]),
    links: runLinks(run, publicUrl, words),
    webhook: webhookBody(ended),
  }
}

const REQUEST_EVENTS = {
  escalated: 'curfew.servers.escalated',
  'no-capacity': 'curfew.no.capacity',
}
/** The occasion of which an event of a request tells. */
export const requestOccasion = ({ detailType }: RequestEvent): keyof typeof REQUEST_EVENTS =>
  detailType === NO_CAPACITY ? 'no-capacity' : 'escalated'

/** The message about a hard stop that follows, or a start without capacity: of the first such request of a run. */
export function requestMessage(
  event: RequestEvent,
  run: Run,
  { policy, publicUrl, language }: Pick<RunTelling, 'policy' | 'publicUrl'> & { language: Language },
): ChannelMessage {
  const words = wordsIn(language)
  const { detail } = event
  const on = requestOccasion(event)
  const name = titleName(run, words)
  const title = `${MARKS[on]} ${on === 'escalated' ? words.escalated(name) : words.noCapacity(name)}`
  const names = detail.servers.slice(0, MAX_NAMES).map(server => server.name)
  return {
    on,
    title,
    facts: factsOf([
      [words.servers, namesOf(names, detail.count, words)],
      [words.reason, 'reason' in detail ? detail.reason : ''],
      [words.askedAgainUntil, 'retryUntil' in detail ? timeOf(detail.retryUntil, policy) : ''],
      [words.due, timeOf(run.dueAt, policy)],
      [words.connection, run.connection],
    ]),
    links: runLinks(run, publicUrl, words),
    webhook: { event: REQUEST_EVENTS[on], timestamp: event.at, text: title, ...detail },
  }
}
