/** Which servers a switch is about. */
import type { ServerView } from '../server.ts'

/** Some servers: their ids, or what they have in common. */
export type Which = readonly string[] | ReadonlySet<string> | ((server: ServerView) => boolean)

export function isAmong(which: Which, id: string, view: () => ServerView | undefined): boolean {
  if (typeof which !== 'function') return 'has' in which ? which.has(id) : which.includes(id)
  const server = view()
  return server !== undefined && which(server)
}
