/** Instants: which zone they are in is always said, here or by the title. */
import { useEffect, useState } from 'preact/hooks'
import { countdownText, dayAndTime, ownZone, zoneName } from '../words/time.ts'

/** ms that the server's clock is ahead of this one's. */
let ahead = 0

/** Learns how far the clocks are apart from an answer that says the server's time. */
export const noteServerTime = (at: string): void => {
  ahead = Date.parse(at) - Date.now()
}

export const serverNow = (): number => Date.now() + ahead

/** The server's time, anew each second or each minute. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = window.setInterval(() => setNow(serverNow()), everyMs)
    return () => window.clearInterval(timer)
  }, [everyMs])
  return now
}

/** An instant in a zone, the reader's own by default; hovering shows it in UTC. */
export function When({ at, timeZone = ownZone() }: { at: string; timeZone?: string }) {
  return (
    <time dateTime={at} title={at}>
      {dayAndTime(at, timeZone)} <span class="zone">{zoneName(timeZone)}</span>
    </time>
  )
}

/** How long until an instant. */
export function Countdown({ to }: { to: string }) {
  const now = useNow(Date.parse(to) - serverNow() < 120_000 ? 1000 : 10_000)
  return <time dateTime={to}>{countdownText(Date.parse(to) - now)}</time>
}
