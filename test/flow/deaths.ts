/** Lets the process die right before or right after one effect on the world, called by its name, or have that effect done twice. */
import type { Client, MetadataBearer } from '@smithy/types'
import type { Handlers } from '../../infra/local/runner/lambda.ts'
import type { Cloud } from '../../lib/core/model/cloud.ts'
import type { Services } from '../services.ts'

export type Fate = 'before' | 'after' | 'twice'
export interface Circumstances {
  step: string
  /** Whether the same function had done another one, and nothing was under way: dying before this one is dying after that one. */
  follows: boolean
  /** What the same function did before it. */
  previous: string
}
export interface Deaths {
  /**
   * What the functions have done in a night, in order: the kind of call, what it is about, and its number among those alike, which makes
   * a name that means the same in every night.
   */
  effects: string[]
  /** How each of them came about. */
  circumstances: Map<string, Circumstances>
  /** Begins a night, whose runs are those of one policy; the effect of this name meets its fate. */
  arm(policyId: string, doomed: { fate: Fate; effect: string } | null): void
  rig(services: Services): Services
  /** A function in which the process died answers nothing, whatever its code made of it. */
  mortal(handlers: Handlers): Handlers
}

const CHANGES = /^(Put|Update|Delete|SendMessage)/

interface Place {
  pk: string
  sk: string
}
/** What of a command says which item and fields, or which message, it is about. */
interface Input {
  Item?: Place
  Key?: Place
  ExpressionAttributeNames?: Record<string, string>
  QueueUrl?: string
  MessageBody?: string
  Entries?: { MessageBody?: string; DetailType?: string }[]
}

function touched({ Item, Key, ExpressionAttributeNames, ...sent }: Input): string {
  if (Item) return `${Item.pk} ${Item.sk}`
  if (Key) return `${Key.pk} ${Key.sk} ${Object.values(ExpressionAttributeNames ?? {})}`
  const { QueueUrl, MessageBody, Entries = [] } = sent
  const messages = Entries.map(one => one.MessageBody ?? one.DetailType)
  return [QueueUrl?.split('/').at(-1), MessageBody, ...messages].filter(Boolean).join(' ')
}

class Died extends Error {}

export function createDeaths(
  clients: Pick<Client<object, MetadataBearer, unknown>, 'middlewareStack'>[],
): Deaths {
  const effects: string[] = []
  const circumstances = new Map<string, Circumstances>()
  let step = ''
  let previous = ''
  let [begun, done] = [0, 0]
  let own = /$^/g
  let doomed: { fate: Fate; effect: string } | null = null
  let dead = false
  /** What a test itself does to the table is no effect of a function. */
  let inFunction = false

  function alive(): void {
    if (dead) throw new Died('the process is dead')
  }
  function die(): never {
    dead = true
    throw new Died(`died ${doomed?.fate} ${doomed?.effect}`)
  }

  /** Notes what is about to be done, and gives its fate. */
  function fateOf(what: string): Fate | null {
    alive()
    const name = what.replace(own, 'night')
    const nth = effects.filter(one => one.startsWith(`${name} #`)).length + 1
    effects.push(`${name} #${nth}`)
    circumstances.set(`${name} #${nth}`, { step, follows: begun > 0 && begun === done, previous })
    previous = name
    begun++
    return doomed?.effect === effects.at(-1) ? doomed!.fate : null
  }

  async function effect<T>(what: string, act: () => Promise<T>): Promise<T> {
    if (!inFunction) return act()
    const fate = fateOf(what)
    if (fate === 'before') die()
    const answer = await act()
    done++
    if (fate === 'after') die()
    alive()
    // The SDK repeats its own writes and messages.
    return fate === 'twice' ? act() : answer
  }

  /** Requests go out in turn: who dies at one has sent those before it. */
  async function asks(
    what: string,
    requests: string[][],
    send: (ids: string[]) => ReturnType<Cloud['request']>,
  ) {
    for (const [index, ids] of requests.entries()) {
      const fate = fateOf(`${what} ${ids}`)
      if (fate === null) continue
      const sent = requests.slice(0, fate === 'after' ? index + 1 : index).flat()
      if (sent.length > 0) await send(sent)
      die()
    }
    const answer = await send(requests.flat())
    done += requests.length
    alive()
    return answer
  }

  for (const client of clients)
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        args => {
          if (CHANGES.test(commandName))
            return effect(`${commandName} ${touched(args.input as Input)}`, () => next(args))
          alive()
          return next(args)
        },
      { step: 'initialize', name: 'deaths' },
    )

  const mortal =
    <E, C, A>(name: string, handler: (event: E, context: C) => Promise<A>) =>
    async (event: E, context: C): Promise<A> => {
      step = name
      previous = ''
      ;[begun, done] = [0, 0]
      inFunction = true
      const answer = await handler(event, context).catch((error: unknown) => error)
      const died = dead
      dead = false
      inFunction = false
      if (died || answer instanceof Error) throw new Died('the function never answered')
      return answer as A
    }

  return {
    effects,
    circumstances,
    arm: (policyId, next) => {
      effects.length = 0
      circumstances.clear()
      doomed = next
      own = new RegExp(`([\\d.:TZ-]+#)?${policyId}(\\.\\w+)?`, 'g')
    },
    rig: services => ({
      ...services,
      webhook: (target, ended) => effect('webhook', () => services.webhook(target, ended)),
      tell: (channel, sent) => effect('tell', () => services.tell(channel, sent)),
      cloud: async connection => {
        const cloud = await services.cloud(connection)
        const each = (ids: string[]) => ids.map(id => [id])
        const requests = connection.api === 'openstack' ? each : (ids: string[]) => [ids]
        return {
          ...cloud,
          request: (kind, act, ids) =>
            asks(`${act.action} ${act.mode}`, requests(ids), some => cloud.request(kind, act, some)),
          requestEach: (kind, act, ids) =>
            asks(`${act.action} ${act.mode}`, each(ids), some => cloud.requestEach(kind, act, some)),
        }
      },
    }),
    mortal: ({ tick, plan, stop, follow, notify, http }) => ({
      tick: mortal('tick', tick),
      plan: mortal('plan', plan),
      stop: mortal('stop', stop),
      follow: mortal('follow', follow),
      notify: mortal('notify', notify),
      http,
    }),
  }
}
