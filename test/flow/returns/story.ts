/** Stories of some days: policies that overlap, and what befalls them and their servers. All of a story follows from what is drawn. */
import fc from 'fast-check'
import type { SeedServer } from '../../../infra/simulator/index.ts'
import type { Selector } from '../../../lib/core/model/policy/selector.ts'

/** Hours that zones are ahead of UTC, as long as no clock changes. */
export const ZONES = { UTC: 0, 'Asia/Shanghai': 8, 'Asia/Kolkata': 5.5, 'America/New_York': -5 } as const

/** A policy, as a person thinks of it. */
export interface Design {
  zone: keyof typeof ZONES
  stopHour: number
  /** `null`: it starts nothing. */
  startHour: number | null
  servers: 'stopped' | 'selected'
  weekdaysOnly: boolean
  skipDates: string[]
  selector: Selector
  /** Ids or globs. */
  connections: string[]
  limit: number | null
  retryMinutes: number
  escalates: boolean
  enabled: boolean
}

export const EVENTS = [
  ...['run stop', 'run start', 'ad hoc stop', 'ad hoc start', 'dry run', 'undo', 'cancel'],
  ...['snooze', 'unsnooze', 'delay', 'toggle', 'select otherwise', 'move hours', 'change start', 'delete'],
  ...['snooze server', 'person stops', 'person starts', 'no room', 'job fails', 'hangs', 'slow'],
  ...['stops off', 'starts off', 'connection off', 'cloud away', 'flaky', 'no ticks', 'crash', 'twice'],
] as const
export type EventKind = (typeof EVENTS)[number]

export interface StoryEvent {
  kind: EventKind
  /** Since the beginning. */
  atMinute: number
  /** Which policy, and which server; numbers beyond the last begin anew. */
  policy: number
  server: number
  hours: number
  design: Design
}

export interface Story {
  designs: Design[]
  events: StoryEvent[]
  perMinute: number | null
}

export const PROJECTS = {
  prod: '0123456789abcdef0123456789abcdef',
  twin: '0123456789abcdef0123456789abcdef',
  far: 'fedcba9876543210fedcba9876543210',
} as const
export const CONNECTIONS = Object.keys(PROJECTS) as (keyof typeof PROJECTS)[]

export interface StoryServer {
  id: string
  name: string
  team: string
  isProtected: boolean
  projectId: string
}

/** Ten servers in one project and four in another; the last of each is protected. */
export const SERVERS: StoryServer[] = [
  ...Array.from({ length: 10 }, (_, number) => ({ number, projectId: PROJECTS.prod, last: 9 })),
  ...Array.from({ length: 4 }, (_, number) => ({ number: number + 20, projectId: PROJECTS.far, last: 23 })),
].map(({ number, projectId, last }) => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  name: `${number % 3 === 0 ? 'web' : 'dev'}-${number}`,
  team: number % 2 === 0 ? 'a' : 'b',
  isProtected: number === last,
  projectId,
}))

export const seedOf = ({ id, name, team, isProtected }: StoryServer): SeedServer => ({
  kind: 'ecs',
  id,
  name,
  tags: { team, ...(isProtected ? { 'curfew-protect': '' } : {}) },
})

const someSelector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constantFrom<Selector>({ all: true }, { tags: { team: ['a'] } }, { name: 'web-*' }, { name: 'dev-*' }),
  fc
    .subarray(
      SERVERS.map(({ id }) => id),
      { minLength: 1, maxLength: 5 },
    )
    .map(ids => ({ ids })),
)
const someHour = fc.oneof(fc.constantFrom(20, 6), fc.nat({ max: 23 }))
const someDesign: fc.Arbitrary<Design> = fc
  .record({
    zone: fc.constantFrom(...(Object.keys(ZONES) as Design['zone'][])),
    stopHour: someHour,
    startHour: fc.option(someHour, { freq: 6 }),
    servers: fc.constantFrom('stopped', 'stopped', 'stopped', 'selected'),
    weekdaysOnly: fc.constantFrom(false, false, true),
    skipDates: fc.constantFrom<string[][]>([], [], ['2026-11-23'], ['2026-11-24', '2026-11-25']),
    selector: someSelector,
    connections: fc.constantFrom<string[][]>(
      ...[['prod'], ['prod'], ['prod'], ['prod'], ['prod'], ['twin'], ['*'], ['prod', 'far'], ['p*']],
    ),
    limit: fc.constantFrom(null, null, null, 3),
    retryMinutes: fc.constantFrom(120, 120, 0, 30, 600),
    escalates: fc.boolean(),
    enabled: fc.constant(true),
  })
  .map(design => ({
    ...design,
    startHour: design.startHour === design.stopHour ? (design.stopHour + 10) % 24 : design.startHour,
  })) as fc.Arbitrary<Design>

const someEvent = (days: number): fc.Arbitrary<StoryEvent> =>
  fc.record({
    kind: fc.constantFrom(...EVENTS),
    atMinute: fc
      .tuple(fc.integer({ min: 1, max: 24 * days - 1 }), fc.constantFrom(7, 22, 37, 52))
      .map(([hour, minute]) => 60 * hour + minute),
    policy: fc.nat({ max: 9 }),
    server: fc.nat({ max: SERVERS.length - 1 }),
    hours: fc.integer({ min: 1, max: 9 }),
    design: someDesign,
  })

export const someStory = (days: number): fc.Arbitrary<Story> =>
  fc.record({
    designs: fc.array(someDesign, { minLength: 2, maxLength: 5 }),
    events: fc
      .array(someEvent(days), { minLength: 0, maxLength: 12 * days, size: 'max' })
      .map(events => events.toSorted((one, other) => one.atMinute - other.atMinute)),
    perMinute: fc.constantFrom(null, null, 3),
  })
