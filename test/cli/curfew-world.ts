/** A Curfew that listens, in the world of the flows, and commands that are typed there. */
import { startGateway } from '../../infra/local/door/gateway.ts'
import { type HttpWorld, openWorld } from '../http/world.ts'
import { type Shown, type TypedOptions, typed } from './terminal.ts'

type CurfewWorld = HttpWorld & {
  url: string
  /** Time passes in this world while a command waits: a minute at a time. */
  curfew(args: string[], options?: TypedOptions): Promise<Shown>
}

/** With the connection `prod`. The test closes it. */
export async function curfewWorld(options: Parameters<typeof openWorld>[0]): Promise<CurfewWorld> {
  const world = await openWorld(options)
  await world.connection()
  const handler = world.handler as unknown as Parameters<typeof startGateway>[0]['handler']
  const trouble = (_: string, error: unknown) => void world.troubles.push(error)
  const gateway = await startGateway({ port: 0, handler, trouble })
  return {
    ...world,
    url: gateway.url,
    curfew: (args, { env, ...more } = {}) =>
      typed(args, {
        env: { CURFEW_URL: gateway.url, ...env },
        pause: () => world.pass(1),
        ...more,
      }),
    async close() {
      await gateway.close()
      await world.close()
    },
  }
}
