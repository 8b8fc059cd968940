/** What happened, apart from what Curfew did: what documents said when, and what persons did to servers. */
import { globTest } from '../../../lib/core/model/glob.ts'
import { CONNECTIONS, type Design, PROJECTS, SERVERS, type StoryServer, ZONES } from './story.ts'

export const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A stop by hand takes a while. */
const HAND_MS = 30 * 60_000

export type DueAction = 'stop' | 'start'
interface Version {
  at: number
  /** `null`: the policy was deleted. */
  design: Design | null
}
interface Snooze {
  at: number
  until: number
}
interface History {
  versions: Version[]
  snoozes: Snooze[]
  /** Stops that were delayed. */
  moved: { from: number; to: number }[]
}

export const isAbout = ({ connections }: Design, connection: string): boolean =>
  connections.some(glob => globTest(glob)(connection))

/** Whether its starts start whatever its selector matches. */
export const isSelected = ({ startHour, servers }: Design): boolean =>
  startHour !== null && servers === 'selected'

export const connectionsOf = (design: Design): string[] => CONNECTIONS.filter(id => isAbout(design, id))

/** Whether a policy's selector names a server that its connection shows. */
export function matches({ selector }: Pick<Design, 'selector'>, connection: string, server: StoryServer) {
  if (PROJECTS[connection as keyof typeof PROJECTS] !== server.projectId) return false
  const { all, tags, name, ids } = selector
  if (tags) return tags.team![0] === server.team
  if (name) return globTest(name)(server.name)
  return all === true || ids!.includes(server.id)
}

/** The instants from `from` to `until` that a schedule names; its zone has no clock change. */
function named(
  { zone, stopHour, startHour, weekdaysOnly, skipDates }: Design,
  action: DueAction,
  from: number,
  until: number,
) {
  const hour = action === 'stop' ? stopHour : startHour
  const ahead = ZONES[zone] * HOUR
  const times: number[] = []
  if (hour === null) return times
  for (let midnight = Math.floor((from + ahead) / DAY) * DAY; midnight - ahead <= until; midnight += DAY) {
    const date = new Date(midnight)
    const at = midnight + hour * HOUR - ahead
    const isLeftOut =
      (weekdaysOnly && [0, 6].includes(date.getUTCDay())) ||
      skipDates.includes(date.toISOString().slice(0, 10))
    if (!isLeftOut && at >= from && at <= until) times.push(at)
  }
  return times
}

export type Chronicle = ReturnType<typeof createChronicle>

export function createChronicle() {
  const policies = new Map<string, History>()
  const hands: { id: string; action: DueAction; at: number }[] = []
  const of = (id: string): History => policies.get(id)!

  /** What a policy said at an instant. */
  const designAt = (id: string, at: number): Design | null =>
    policies.get(id)?.versions.findLast(version => version.at <= at)?.design ?? null

  /** As named, but for what was delayed. */
  function dueTimes(id: string, design: Design, action: DueAction, from: number, until: number): number[] {
    // "An edit keeps it while the schedule names its first time."
    const moved =
      action === 'start' ? [] : of(id).moved.filter(one => named(design, action, one.from, one.from)[0])
    const kept = named(design, action, from, until).filter(at => !moved.some(one => one.from === at))
    return [...kept, ...moved.flatMap(({ to }) => (to >= from && to <= until ? [to] : []))].sort(
      (a, b) => a - b,
    )
  }
  const isSnoozed = (id: string, at: number): boolean =>
    of(id).snoozes.some(snooze => snooze.at <= at && at < snooze.until)

  return {
    policies,
    of,
    hands,
    designAt,
    dueTimes,
    write(id: string, design: Design | null, at: number): void {
      const history = policies.get(id) ?? { versions: [], snoozes: [], moved: [] }
      policies.set(id, history)
      history.versions.push({ at, design })
    },

    /** Each due time that a policy had, by the document of its time. */
    everDue(id: string, until: number): { action: DueAction; at: number; design: Design }[] {
      return of(id).versions.flatMap(({ at, design }, place, all) => {
        if (!design?.enabled) return []
        const end = Math.min(until, (all[place + 1]?.at ?? Infinity) - 1)
        return (['stop', 'start'] as const).flatMap(action =>
          dueTimes(id, design, action, at + 1, end).map(due => ({ action, at: due, design })),
        )
      })
    },

    /** Since when a policy keeps a server off at an instant, and whether its document is still that of then; `null`: it does not. */
    keepsOff(id: string, connection: string, server: StoryServer, at: number) {
      const design = designAt(id, at)
      if (!design?.enabled || design.startHour === null) return null
      if (!isAbout(design, connection) || !matches(design, connection, server)) return null
      const latest = (action: DueAction) => dueTimes(id, design, action, at - 30 * DAY, at)
      const stopped = latest('stop').findLast(due => !isSnoozed(id, due))
      const started = latest('start').at(-1) ?? -Infinity
      if (stopped === undefined || stopped < started) return null
      return { since: stopped, isOfThen: designAt(id, stopped) === design }
    },

    /** Whether a person, and not Curfew, turned a server off when it went off. */
    isByHand: (id: string, offAt: number): boolean =>
      hands.some(
        hand => hand.id === id && hand.action === 'stop' && hand.at <= offAt && offAt <= hand.at + HAND_MS,
      ),
  }
}

export const serverOf = (id: string): StoryServer => SERVERS.find(one => one.id === id)!
