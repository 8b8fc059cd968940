/** Instants and durations as a person reads them, in the reader's own language for dates and in plain words else. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A duration in ms with its two greatest units: `2 h 14 min`, `3 min 31 s`, `5 days`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (ms < HOUR) return joinUnits([Math.floor(seconds / 60), 'min'], [seconds % 60, 's'])
  const minutes = Math.floor(seconds / 60)
  if (ms < 2 * DAY) return joinUnits([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min'])
  const hours = Math.floor(minutes / 60)
  return joinUnits([Math.floor(hours / 24), 'days'], [hours % 24, 'h'])
}

function joinUnits(...units: [number, string][]): string {
  return units
    .filter(([amount], place) => place === 0 || amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** Up to a minute before an instant its countdown goes by seconds; before that by minutes, rounded up. */
export function countdownText(ms: number): string {
  if (ms <= 0) return 'now'
  return ms < MINUTE ? `in ${Math.ceil(ms / 1000)} s` : `in ${durationText(Math.ceil(ms / MINUTE) * MINUTE)}`
}

/** `Asia/Shanghai` → `Shanghai`, `America/Argentina/Buenos_Aires` → `Buenos Aires`. */
export const zoneName = (timeZone: string): string => timeZone.split('/').at(-1)!.replaceAll('_', ' ')

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

const formats = new Map<string, Intl.DateTimeFormat>()

/** In the language of the browser; made once for each form. */
export function formatDate(at: number | string, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  const known = formats.get(key) ?? new Intl.DateTimeFormat(undefined, options)
  formats.set(key, known)
  return known.format(typeof at === 'string' ? Date.parse(at) : at)
}

/** The day and the time: `Fri, 20 Nov, 20:00`. */
export const dayAndTime = (at: number | string, timeZone: string): string =>
  formatDate(at, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })

export const clockTime = (at: number | string, timeZone: string): string =>
  formatDate(at, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
