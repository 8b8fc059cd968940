/** Lives through a story: each event as a person, a cloud or a machine would bring it about. */
import type { Client, MetadataBearer } from '@smithy/types'
import { type HttpWorld, openWorld } from '../../http/world.ts'
import { at, START } from '../../makers.ts'
import { createActs } from './acts.ts'
import { type Chronicle, createChronicle, HOUR } from './chronicle.ts'
import { CONNECTIONS, type Design, PROJECTS, SERVERS, type Story, type StoryEvent, seedOf } from './story.ts'

const MINUTE = 60_000
const CHANGES = /^(Put|Update|Delete|SendMessage)/

const serversIn = (projectId: string) => SERVERS.filter(one => one.projectId === projectId).map(seedOf)

function bodyOf(design: Design): object {
  const { zone, stopHour, startHour, servers, weekdaysOnly, skipDates, retryMinutes } = design
  const days = weekdaysOnly ? '1-5' : '*'
  const [only, ...others] = design.connections
  return {
    ...(others.length > 0 || only!.includes('*')
      ? { connections: design.connections }
      : { connection: only }),
    kind: 'ecs',
    schedule: { cron: `0 ${stopHour} * * ${days}`, timeZone: zone, skipDates },
    start: startHour === null ? null : { cron: `0 ${startHour} * * ${days}`, servers, retryMinutes },
    selector: design.selector,
    escalateAfterMinutes: design.escalates ? 5 : null,
    limits: { maxServers: design.limit },
    enabled: design.enabled,
  }
}

export interface Play {
  world: HttpWorld
  chronicle: Chronicle
  /** What came about, for people. */
  log: string[]
  live(event: StoryEvent): Promise<void>
  /** Lets time pass until an instant; what was to last until then ends in between. */
  until(ms: number): Promise<void>
  /** The last minute at which a tick came. */
  tickedAt(): number
  /** Ends all that is to end. */
  calm(): Promise<void>
}

export async function openPlay({ designs, perMinute }: Story): Promise<Play> {
  const messages = { areTwice: false }
  const ticks = { areOn: true }
  let tickedAt = START
  const world = await openWorld({
    servers: serversIn(PROJECTS.prod),
    projects: [{ id: PROJECTS.far, name: 'cn-north-4_far', servers: serversIn(PROJECTS.far) }],
    deliver: all => (messages.areTwice ? [...all, ...all] : all),
  })
  const { simulator, runner } = world
  const tick = runner.tick
  runner.tick = async () => {
    if (!ticks.areOn) return
    tickedAt = Date.now()
    await tick()
  }
  for (const id of CONNECTIONS)
    await world.connection({
      id,
      projectId: PROJECTS[id],
      maxServersPerMinute: { ecs: perMinute, bms: null },
    })
  const chronicle = createChronicle()
  const log: string[] = []
  const endings: { at: number; what: string; end: () => unknown }[] = []
  const breakEffect = breaker(world)

  /** What is not allowed, such as a stop and a start at once, changes nothing. */
  async function save(id: string, design: Design | null): Promise<void> {
    const { status, text } =
      design === null
        ? await world.ask('DELETE', `/v1/policies/${id}`)
        : await world.ask('PUT', `/v1/policies/${id}`, { body: bodyOf(design) })
    if (status === 422) return
    if (status >= 300) throw new Error(`${id} was not saved: ${status} ${text}`)
    chronicle.write(id, design, Date.now())
  }
  for (const [number, design] of designs.entries()) await save(`p${number}`, design)

  const act = createActs({
    world,
    chronicle,
    ticks,
    messages,
    breakEffect,
    save,
    during: ({ kind, hours }, end) => void endings.push({ at: Date.now() + hours * HOUR, what: kind, end }),
  })

  async function pass(ms: number): Promise<void> {
    if (ms > Date.now()) await world.pass((ms - Date.now()) / MINUTE)
  }
  async function until(ms: number): Promise<void> {
    for (const ending of endings.toSorted((one, other) => one.at - other.at)) {
      if (ending.at > ms) break
      endings.splice(endings.indexOf(ending), 1)
      await pass(ending.at)
      await ending.end()
      log.push(`${at(Date.now())} ends: ${ending.what}`)
    }
    await pass(ms)
  }

  return {
    world,
    chronicle,
    log,
    until,
    tickedAt: () => (ticks.areOn ? Date.now() : tickedAt),
    async live(event) {
      await until(START + event.atMinute * MINUTE)
      const line = `${at(Date.now())} ${event.kind}: `
      log.push(line + (await act(event)))
      await world.runner.drain()
    },
    async calm() {
      for (const ending of endings.splice(0)) await ending.end()
      breakEffect(Infinity, 'before')
      simulator.switches.capacity = null
    },
  }
}

/** Lets the nth write or message from now on fail, right before or right after it is done, and the one after it. */
function breaker({ dynamo, sqs }: HttpWorld): (nth: number, how: 'before' | 'after') => void {
  const clients: Pick<Client<object, MetadataBearer, unknown>, 'middlewareStack'>[] = [dynamo, sqs]
  let left = Infinity
  let fate = 'before'
  for (const client of clients)
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async args => {
          if (!CHANGES.test(commandName) || left === Infinity || left-- > 0) return next(args)
          if (left < -1) left = Infinity
          if (fate === 'after') await next(args)
          throw new Error(`died ${fate} an effect`)
        },
      { step: 'initialize', name: 'story' },
    )
  return (nth, how) => {
    left = nth
    fate = how
  }
}
