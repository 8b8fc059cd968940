/** What each kind of event does, and the words that a story tells of it. */
import { isEnded, type Run } from '../../../lib/core/model/run.ts'
import type { HttpWorld } from '../../http/world.ts'
import { at } from '../../makers.ts'
import { type Chronicle, HOUR } from './chronicle.ts'
import { type Design, type EventKind, PROJECTS, SERVERS, type StoryEvent } from './story.ts'

const MINUTE = 60_000

/** What a story is played with. */
export interface Stage {
  world: HttpWorld
  chronicle: Chronicle
  /** Has something end by itself, after the hours of an event. */
  during(event: StoryEvent, end: () => unknown): void
  ticks: { areOn: boolean }
  messages: { areTwice: boolean }
  /** Lets the nth effect from now on fail, before or after it is done. */
  breakEffect(nth: number, how: 'before' | 'after'): void
  save(id: string, design: Design | null): Promise<void>
}

type Act = (event: StoryEvent) => Promise<string>
type PolicyAct = (id: string, design: Design, event: StoryEvent) => Promise<string>

const serverOf = ({ server }: StoryEvent) => SERVERS[server]!
const connectionOf = (event: StoryEvent): string =>
  serverOf(event).projectId === PROJECTS.far ? 'far' : event.hours % 4 === 0 ? 'twin' : 'prod'

async function post({ world }: Stage, path: string, body: object): Promise<string> {
  const { status, body: answer } = await world.ask('POST', path, { body })
  return `${status} ${path} ${JSON.stringify(body)} ${answer?.items?.map(({ id }) => id) ?? answer?.id}`
}

function runActs(stage: Stage) {
  const begin = (body: object) => post(stage, '/v1/runs', body)
  const adHoc = (action: 'stop' | 'start') => (event: StoryEvent) =>
    begin({
      connection: connectionOf(event),
      kind: 'ecs',
      action,
      selector: { ids: [serverOf(event).id, SERVERS[(event.server + 2) % SERVERS.length]!.id] },
    })
  /** Of one of the latest runs. */
  const takeBack =
    (what: 'undo' | 'cancel', isWanted: (run: Run) => boolean) => async (event: StoryEvent) => {
      const { items } = await stage.world.store.runs({ most: 60 })
      const runs = items.filter(isWanted).slice(0, 4)
      const run = runs[event.server % Math.max(1, runs.length)]
      return run === undefined ? 'no run' : post(stage, `/v1/runs/${run.id}/${what}`, { reason: 'story' })
    }
  return {
    'ad hoc stop': adHoc('stop'),
    'ad hoc start': adHoc('start'),
    undo: takeBack('undo', run => run.action === 'stop'),
    cancel: takeBack('cancel', run => !isEnded(run)),
  } satisfies Partial<Record<EventKind, Act>>
}

function personActs({ world, chronicle, ...stage }: Stage) {
  const byHand = (action: 'stop' | 'start') => async (event: StoryEvent) => {
    const { id, name } = serverOf(event)
    const isTaken = world.simulator.byHand(action, id)
    if (isTaken) chronicle.hands.push({ id, action, at: Date.now() })
    return `${name} ${isTaken}`
  }
  return {
    'person stops': byHand('stop'),
    'person starts': byHand('start'),
    'snooze server': event =>
      post({ world, chronicle, ...stage }, `/v1/servers/${serverOf(event).id}/snooze`, {
        connection: connectionOf(event),
        until: at(Date.now() + 3 * event.hours * HOUR),
        reason: 'story',
      }),
  } satisfies Partial<Record<EventKind, Act>>
}

function cloudActs({ world, during }: Stage) {
  const { switches } = world.simulator
  const usual = switches.jobSeconds
  const faults = (random: Partial<typeof switches.randomFaults & object>) => async (event: StoryEvent) => {
    switches.randomFaults = { share: 1, seed: event.server, ...random }
    during(event, () => {
      switches.randomFaults = null
    })
    return `${event.hours} h`
  }
  return {
    'no room': async ({ hours, server }) => {
      const refuses = [server, server + 1].map(place => SERVERS[place % SERVERS.length]!.id)
      const as = (['sub-job-0226', 'sub-job-0319', 'request-0319'] as const)[hours % 3]!
      switches.capacity = { refuses, untilMs: Date.now() + 3 * hours * HOUR, as }
      return `${refuses} ${as} ${3 * hours} h`
    },
    'job fails': async event => {
      switches.partialFail = { [serverOf(event).id]: 'Ecs.1002' }
      during(event, () => {
        switches.partialFail = {}
      })
      return serverOf(event).name
    },
    hangs: async event => {
      switches.softHangs = [serverOf(event).id]
      during(event, () => {
        switches.softHangs = []
      })
      return serverOf(event).name
    },
    slow: async event => {
      switches.jobSeconds = { first: 400 * (1 + (event.hours % 3)), spread: 300 }
      during(event, () => {
        switches.jobSeconds = usual
      })
      return `${event.hours} h`
    },
    'cloud away': faults({ kinds: ['busy503'] }),
    flaky: faults({ share: 0.2 }),
  } satisfies Partial<Record<EventKind, Act>>
}

function serviceActs({ world, during, ticks, messages, breakEffect }: Stage) {
  const settings = (stopsEnabled: boolean, startsEnabled: boolean) =>
    world.ask('PUT', '/v1/settings', { body: { stopsEnabled, startsEnabled } })
  const switchOff = (stops: boolean, starts: boolean) => async (event: StoryEvent) => {
    await settings(stops, starts)
    during(event, () => settings(true, true))
    return `${event.hours} h`
  }
  async function enable(id: string, enabled: boolean): Promise<void> {
    const { body: connection } = await world.ask('GET', `/v1/connections/${id}`)
    const { status, text } = await world.ask('PUT', `/v1/connections/${id}`, {
      body: { ...connection, enabled },
    })
    if (status !== 200) throw new Error(`${id} was not saved: ${status} ${text}`)
  }
  return {
    'stops off': switchOff(false, true),
    'starts off': switchOff(true, false),
    'connection off': async event => {
      await enable(connectionOf(event), false)
      during(event, () => enable(connectionOf(event), true))
      return connectionOf(event)
    },
    'no ticks': async event => {
      ticks.areOn = false
      during(event, () => {
        ticks.areOn = true
      })
      return `${event.hours} h`
    },
    crash: async ({ server, policy, hours }) => {
      breakEffect(server + 8 * policy, hours % 2 ? 'before' : 'after')
      return ''
    },
    twice: async event => {
      messages.areTwice = true
      during(event, () => {
        messages.areTwice = false
      })
      return `${event.hours} h`
    },
  } satisfies Partial<Record<EventKind, Act>>
}

function policyActs(stage: Stage) {
  const { world, chronicle, ticks, save } = stage
  const edit = async (id: string, after: Design | null) => {
    // While no tick comes, a document that changes is heard late: which due times it has is then nobody's to say.
    if (!ticks.areOn) return 'not now'
    await save(id, after)
    return `${id} ${JSON.stringify(after)}`
  }
  const run =
    (body: (event: StoryEvent) => object): PolicyAct =>
    (policyId, _, event) =>
      post(stage, '/v1/runs', { policyId, ...body(event) })
  function endSnoozes(id: string): void {
    for (const snooze of chronicle.of(id).snoozes) snooze.until = Math.min(snooze.until, Date.now())
  }
  return {
    'run stop': run(({ hours }) => ({ action: 'stop', overrideLimits: hours > 6 })),
    'run start': run(() => ({ action: 'start' })),
    'dry run': run(({ hours }) => ({ action: hours % 2 ? 'stop' : 'start', dryRun: true })),
    async snooze(id, _, { hours }) {
      const until = Date.now() + 3 * hours * HOUR
      endSnoozes(id)
      chronicle.of(id).snoozes.push({ at: Date.now(), until })
      return post(stage, `/v1/policies/${id}/snooze`, { until: at(until), reason: 'story' })
    },
    async unsnooze(id) {
      endSnoozes(id)
      return String((await world.ask('DELETE', `/v1/policies/${id}/snooze`)).status)
    },
    async delay(id, design, { hours }) {
      const { moved } = chronicle.of(id)
      const [due] = chronicle.dueTimes(id, design, 'stop', Date.now(), Date.now() + 48 * HOUR)
      if (due === undefined || !ticks.areOn || moved.some(({ to }) => to === due)) return 'nothing'
      const minutes = 43 * hours
      const answer = await post(stage, `/v1/policies/${id}/delay`, {
        dueAt: at(due),
        minutes,
        reason: 'story',
      })
      if (answer.startsWith('200')) moved.push({ from: due, to: due + minutes * MINUTE })
      return answer
    },
    toggle: (id, design) => edit(id, { ...design, enabled: !design.enabled }),
    'select otherwise': (id, design, { design: { selector, connections, limit } }) =>
      edit(id, { ...design, selector, connections, limit }),
    'move hours': (id, design, { design: { stopHour, startHour } }) =>
      edit(id, { ...design, stopHour, startHour: design.startHour === null ? null : (startHour ?? 9) }),
    'change start': (id, design, { hours, design: { startHour, servers } }) =>
      edit(id, { ...design, startHour: design.startHour === null || hours % 2 ? startHour : null, servers }),
    delete: id => edit(id, null),
  } satisfies Partial<Record<EventKind, PolicyAct>>
}

/** Does what an event says, and tells of it. */
export function createActs(stage: Stage): Act {
  const acts: Partial<Record<EventKind, Act>> = {
    ...runActs(stage),
    ...personActs(stage),
    ...cloudActs(stage),
    ...serviceActs(stage),
  }
  const ofPolicies: Partial<Record<EventKind, PolicyAct>> = policyActs(stage)
  const { chronicle } = stage
  return async event => {
    const act = acts[event.kind]
    if (act) return act(event)
    const alive = [...chronicle.policies.keys()].filter(id => chronicle.designAt(id, Date.now()) !== null)
    const id = alive[event.policy % Math.max(1, alive.length)]
    if (id === undefined) return 'no policy'
    return ofPolicies[event.kind]!(id, chronicle.designAt(id, Date.now())!, event)
  }
}
