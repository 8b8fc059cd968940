/** Lets the process die right before or right after its nth effect on the world, or have that effect done twice. */
import type { Client, MetadataBearer } from '@smithy/types'
import type { Handlers } from '../../infra/local/lambda.ts'
import type { Services } from '../../lib/services.ts'

export type Fate = 'before' | 'after' | 'twice'
export interface Deaths {
  /** What has been done, in order: `UpdateCommand`, `SendMessageCommand`, `stop` … */
  effects: string[]
  /** From now on counts anew; the effect with this number meets its fate. */
  arm(at: number, fate: Fate): void
  rig(services: Services): Services
  /** A function in which the process died answers nothing, whatever its code made of it. */
  mortal(handlers: Handlers): Handlers
}

const CHANGES = /^(Put|Update|Delete|SendMessage)/

class Died extends Error {}

export function createDeaths(
  clients: Pick<Client<object, MetadataBearer, unknown>, 'middlewareStack'>[],
): Deaths {
  const effects: string[] = []
  let armed: { at: number; fate: Fate } | null = null
  let dead = false
  /** What a test itself does to the table is no effect of a function. */
  let inFunction = false

  async function effect<T>(name: string, act: () => Promise<T>, repeats = true): Promise<T> {
    if (!inFunction) return act()
    if (dead) throw new Died('the process is dead')
    const fate = armed?.at === effects.length ? armed.fate : null
    effects.push(name)
    if (fate === 'before') dead = true
    if (fate === 'before') throw new Died(`died before ${name}`)
    const answer = await act()
    // The SDK repeats its own writes and messages; a stop request is never repeated by itself.
    if (fate === 'twice' && repeats) return act()
    if (fate === 'after') dead = true
    if (fate === 'after') throw new Died(`died after ${name}`)
    if (dead) throw new Died('the process is dead')
    return answer
  }

  for (const client of clients)
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        args => {
          if (CHANGES.test(commandName)) return effect(commandName, () => next(args))
          if (dead) throw new Died('the process is dead')
          return next(args)
        },
      { step: 'initialize', name: 'deaths' },
    )

  const mortal =
    <E, C, A>(handler: (event: E, context: C) => Promise<A>) =>
    async (event: E, context: C): Promise<A> => {
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
    arm: (at, fate) => {
      effects.length = 0
      armed = { at, fate }
    },
    rig: services => ({
      ...services,
      cloud: async connection => {
        const cloud = await services.cloud(connection)
        return {
          ...cloud,
          stop: (kind, mode, ids) => effect('stop', () => cloud.stop(kind, mode, ids), false),
          stopEach: (kind, mode, ids) => effect('stop', () => cloud.stopEach(kind, mode, ids), false),
        }
      },
    }),
    mortal: ({ tick, plan, stop, follow, http }) => ({
      tick: mortal(tick),
      plan: mortal(plan),
      stop: mortal(stop),
      follow: mortal(follow),
      http,
    }),
  }
}
