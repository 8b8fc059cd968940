/** The connections of a policy: one that it names, or several by ids and globs. */
import type { Policy } from '../api/types.ts'

type OfConnections = Pick<Policy, 'connection' | 'connections'>

const isGlob = (text: string): boolean => /[*?]/.test(text)

/** Whether a glob, in which `*` is any text and `?` any one character, matches an id. */
function matchesId(glob: string, id: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let retry = 0
  while (at < id.length) {
    if (from < glob.length && (glob[from] === '?' || glob[from] === id[at])) {
      at++
      from++
    } else if (glob[from] === '*') {
      star = from++
      retry = at
    } else if (star >= 0) {
      from = star + 1
      at = ++retry
    } else return false
  }
  return [...glob.slice(from)].every(character => character === '*')
}

export const isAboutConnection = ({ connection, connections = [] }: OfConnections, id: string): boolean =>
  connection === id || connections.some(one => (isGlob(one) ? matchesId(one, id) : one === id))

/** `the connection prod`, or `the connections prod-*, lab`. */
export const connectionsText = ({ connection, connections }: OfConnections): string =>
  connections === undefined ? `the connection ${connection}` : `the connections ${connections.join(', ')}`

/** Those of its connections that have a screen of their own. */
export const namedConnections = ({ connection, connections = [] }: OfConnections): string[] =>
  [connection ?? [], connections].flat()

export const hasScreen = (connection: string): boolean => !isGlob(connection)
