/** Runs the functions of the line in this process. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queues } from '../emulators/queues.ts'
import { functionSettings, type QueuedStep, STEPS } from '../templates.ts'
import { createDelivery, type Delivery, type Message } from './delivery.ts'
import { type Handlers, lambdaContext, type Trouble, tickEvent } from './lambda.ts'
import { startTimer } from './timer.ts'

export type { Message } from './delivery.ts'
export type { Handlers } from './lambda.ts'

export interface RunnerOptions {
  handlers: Handlers
  queues: Pick<Queues, 'endpoint' | 'urls' | 'inspect'>
  /** What becomes of messages on their way to a step: repeat, leave out, reorder. Default: as they came. */
  deliver?: (messages: Message[]) => Message[]
  /** After how long a failed message comes again; 0, the default, at once; `null` when its visibility ends. */
  retrySeconds?: number | null
  /** Told of what a function threw. Default: printed. */
  trouble?: Trouble
}

export interface Runner {
  /** Calls tick once, now. Throws what tick throws. */
  tick(): Promise<void>
  /**
   * Receives and has worked on whatever can be received, one after the other, until nothing can; returns how many
   * messages were worked on. Messages that are delayed stay for a later time.
   */
  drain(): Promise<number>
  /** From now on by itself: tick at once and at each full minute, messages as they come. */
  start(): void
  /** Ends the timer and the receiving, and waits for what is under way. */
  close(): Promise<void>
}

/** What Lambda, EventBridge Scheduler and SQS do for the functions, in this process. */
export function createRunner(options: RunnerOptions): Runner {
  const settings = functionSettings()
  const trouble = options.trouble ?? ((where, error) => console.error(`${where}:`, error))
  const { handlers, queues, deliver = messages => messages, retrySeconds = 0 } = options
  const delivery = createDelivery({ handlers, queues, settings, deliver, retrySeconds, trouble })
  const tick = async () =>
    void (await handlers.tick(tickEvent(Date.now()), lambdaContext('tick', settings.tick)))
  const ended = new AbortController()
  const underWay: Promise<unknown>[] = []
  return {
    tick,
    drain: () => drain(delivery, queues),
    start: () => {
      const told = (error: unknown) => trouble('tick', error)
      underWay.push(startTimer(() => tick().catch(told), ended.signal))
      for (const step of STEPS)
        underWay.push(poll(delivery, { step, ...settings[step], ended: ended.signal, trouble }))
    },
    close: async () => {
      ended.abort()
      await Promise.all(underWay)
      delivery.close()
    },
  }
}

async function drain(delivery: Delivery, queues: Pick<Queues, 'inspect'>): Promise<number> {
  let worked = 0
  for (;;) {
    const messages: Message[] = []
    for (const step of STEPS) {
      const most = queues.inspect(step).visible.length
      if (most > 0)
        messages.push(...(await delivery.receive(step, { most, waitSeconds: 0, windowSeconds: 0 })))
    }
    if (messages.length === 0) return worked
    worked += await delivery.work(messages)
  }
}

interface Poll {
  step: QueuedStep
  batchSize: number
  windowSeconds: number
  concurrency: number
  ended: AbortSignal
  trouble: Trouble
}

/** So short that closing need not break a receive off, which could take a message with it. */
const WAIT_SECONDS = 1

async function poll(
  delivery: Delivery,
  { step, batchSize, windowSeconds, concurrency, ended, trouble }: Poll,
): Promise<void> {
  const wish = { most: batchSize, waitSeconds: WAIT_SECONDS, windowSeconds }
  const calls = new Set<Promise<unknown>>()
  while (!ended.aborted) {
    try {
      const messages = await delivery.receive(step, wish)
      if (messages.length === 0) continue
      const call: Promise<unknown> = delivery
        .work(messages)
        .catch(error => trouble(`queue ${step}`, error))
        .finally(() => calls.delete(call))
      calls.add(call)
    } catch (error) {
      trouble(`queue ${step}`, error)
      await sleep(1000)
    }
    if (calls.size >= concurrency) await Promise.race(calls)
  }
  await Promise.all(calls)
}
