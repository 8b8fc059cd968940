/** A world in which people are warned: a receiver on this machine takes what the channel `ops` is told. */
import { setDefaultCACertificates } from 'node:tls'
import { vi } from 'vitest'
import * as z from 'zod'
import { httpHandler } from '../../lib/http/handler.ts'
import { linkRoutes } from '../../lib/http/routes/links/snooze.ts'
import { aCertificate } from '../certificate.ts'
import { eventOf, replyOf } from '../http/world.ts'
import { at, START } from '../makers.ts'
import { startReceiver } from '../receiver.ts'
import { createWorld, fleet, type WorldOptions } from './world.ts'

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
/** At 20:00. */
export const STOP = START + 8 * HOUR_MS
const identity = aCertificate(Date.now())

const Warning = z.object({
  event: z.literal('curfew.stop.warning'),
  text: z.string(),
  policyId: z.string(),
  stopAt: z.string(),
  servers: z.number(),
  names: z.array(z.string()),
  failed: z.string().nullable(),
  links: z.array(z.object({ action: z.string(), url: z.string() })),
})

export type WarnedWorld = Awaited<ReturnType<typeof createWarnedWorld>>

export async function createWarnedWorld(options: WorldOptions = {}) {
  setDefaultCACertificates([identity.cert])
  const receiver = await startReceiver(identity)
  const url = `https://localhost:${receiver.port}/hook`
  const world = await createWorld({
    servers: fleet(3),
    ...options,
    addressProblem: () => null,
    environment: { CHANNEL_URL: url, NOBODY_CHANNEL_URL: 'https://localhost:9/', ...options.environment },
  })
  const stamps = { managedBy: null, createdAt: at(START), updatedAt: at(START), version: 1 }
  for (const [id, name] of [
    ['ops', ''],
    ['deaf', 'NOBODY_'],
  ] as const)
    await world.store.saveChannel(
      {
        id,
        type: 'webhook',
        credentials: { source: 'environment', name },
        language: 'en',
        description: '',
        ...stamps,
      },
      null,
    )
  await world.connection()
  const handler = httpHandler(linkRoutes, () => world.services)
  const ask = async (method: string, link: string) =>
    replyOf(
      await handler(eventOf(method, new URL(link).pathname, { actor: null, raw: '' }) as never, {} as never),
    )
  return {
    ...world,
    receiver,
    /** Due at 20:00 each day, and warned of half an hour before. */
    warning: (overrides: Record<string, unknown> = {}) =>
      world.policy({
        warn: { minutesBefore: 30 },
        notify: [{ channel: 'ops', on: ['warning'] }],
        nextDueAt: at(STOP),
        nextWarnAt: at(STOP - HOUR_MS / 2),
        ...overrides,
      }),
    /** What the channel was told so far. */
    told: () => receiver.received.map(({ body }) => Warning.parse(JSON.parse(body))),
    /** Opens a link, and changes nothing by it. */
    look: (method: 'GET' | 'HEAD', link: string) => ask(method, link),
    /** Presses the button of a link. */
    press: (link: string) => ask('POST', link),
    /** Lets time pass until an instant. */
    until: async (ms: number) => {
      vi.setSystemTime(Math.max(Date.now(), ms - MINUTE_MS))
      await world.pass((ms - Date.now()) / MINUTE_MS)
    },
    close: async () => {
      await world.close()
      await receiver.close()
    },
  }
}
