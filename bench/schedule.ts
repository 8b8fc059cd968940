/**
 * The next due times of 100 schedules in ten time zones, asked at instants spread over a year, clock changes and all.
 * croner and cron-parser are what a Node project picks: `parsed` anew for each question, as a handler does that reads a policy from a table;
 * `reused` keeps one parsed schedule. Curfew is asked as its functions ask it, by the schedule of a policy. The limit: the changes of each
 * zone found once, then integers.   node bench/schedule.ts
 */
import { CronExpressionParser } from 'cron-parser'
import { Cron } from 'croner'
import { nextDueAt } from '../lib/core/schedule/due-times.ts'
import { Schedule } from '../lib/core/schedule/schedule.ts'
import { figure, median, type Section, table, times } from './report/figures.ts'

const ZONES =
  `Europe/Berlin America/New_York Asia/Shanghai UTC America/Sao_Paulo Australia/Sydney Asia/Kolkata
  Africa/Johannesburg America/Los_Angeles Europe/London`.split(/\s+/)
const WEEKS = ['1-5', '1-4', '*', '5', '1,3,5']
const FIRST = Date.UTC(2026, 0, 1)
const YEAR_MINUTES = 365 * 24 * 60

const schedules = Array.from({ length: 100 }, (_, i) => {
  const cron = `${(i * 11) % 60} ${17 + (i % 7)} * * ${WEEKS[Math.floor(i / 10) % WEEKS.length]}`
  return Schedule.parse({ cron, timeZone: ZONES[i % ZONES.length] })
})

/** Spread by the golden ratio: no two alike, none in order. */
const instant = (i: number): number =>
  FIRST + Math.floor(((i * 0.6180339887498949) % 1) * YEAR_MINUTES) * 60_000

type Ask = (schedule: Schedule, place: number, afterMs: number) => number

const reusable = schedules.map(({ cron, timeZone }) => new Cron(cron, { timezone: timeZone }))
const CONTENDERS: Record<string, Ask> = {
  curfew: (schedule, _, afterMs) => nextDueAt(schedule, afterMs)!,
  'croner, reused': (_, place, afterMs) => Number(reusable[place]!.nextRun(new Date(afterMs))),
  'croner, parsed': ({ cron, timeZone }, _, afterMs) =>
    Number(new Cron(cron, { timezone: timeZone }).nextRun(new Date(afterMs))),
  'cron-parser, parsed': ({ cron, timeZone }, _, afterMs) =>
    CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(afterMs) })
      .next()
      .getTime(),
}

function ask(contender: Ask, asked: number): { answers: Float64Array; cpuMs: number } {
  const before = process.cpuUsage()
  const answers = Float64Array.from({ length: asked }, (_, i) =>
    contender(schedules[i % schedules.length]!, i % schedules.length, instant(i)),
  )
  const { user, system } = process.cpuUsage(before)
  return { answers, cpuMs: (user + system) / 1000 }
}

/** `asked`: how many due times of each contender; the slow ones are asked a tenth as many. */
export function scheduleSection({ asked, rounds }: { asked: number; rounds: number }): Section {
  const perSecond = new Map<string, number[]>()
  const different = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    const oracle = ask(CONTENDERS['croner, reused']!, asked / 10).answers
    for (const [name, contender] of Object.entries(CONTENDERS)) {
      const many = name === 'curfew' ? asked : asked / 10
      const { answers, cpuMs } = ask(contender, many)
      perSecond.set(name, [...(perSecond.get(name) ?? []), (many / cpuMs) * 1000])
      different.set(name, oracle.filter((answer, i) => answer !== answers[i]).length)
    }
  }
  const reference = perSecond.get('croner, reused')!
  const rows = [...perSecond].map(([name, all]) => [
    name,
    figure(median(all)),
    times(median(all.map((one, round) => one / reference[round]!))),
    String(different.get(name)),
  ])
  const head = ['contender', 'due times a CPU second', 'of croner, reused', 'answers unlike croner’s']
  const curfew = perSecond.get('curfew')!
  return {
    title: 'Next due time',
    command: 'node bench/schedule.ts',
    text: table(head, rows),
    figures: {
      dueTimes: { value: median(curfew.map((one, round) => one / reference[round]!)), at: 'croner, reused' },
      dueDifferent: { value: different.get('curfew')! },
    },
  }
}

if (import.meta.main) console.log(scheduleSection({ asked: 200_000, rounds: 5 }).text)
