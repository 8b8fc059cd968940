/** Who is let in, from where, and where that is asked: as the flags and the environment say it. */
import { isLoopback } from '../../../lib/core/documents/connection.ts'
import { quoteValue } from '../../../lib/core/documents/problem.ts'
import type { Flags } from '../flags.ts'
import { Problem } from '../problem.ts'
import { createAuthorizer } from './authorizer.ts'
import type { startGateway } from './gateway.ts'
import { folderKeyring, openTokenFile, type TokenFile } from './keyring.ts'
import { urlHost } from './origin.ts'
import { openToken, type Token } from './token.ts'

type Listening = Omit<Parameters<typeof startGateway>[0], 'handler' | 'trouble'>

export interface Door {
  listening: Listening
  /** The token of the data folder; `null`: it opens nothing. */
  token: Token | null
  /** `null`: there is no file of tokens. */
  tokens: TokenFile | null
}

interface DoorOptions {
  folder: string
  /** Whether clouds are real: then reaching the port is not enough. */
  isReal: boolean
  env: Record<string, string | undefined>
  complain: (text: string) => void
}

/** Throws `Problem` where the file of tokens or the public URL is not as it must be. */
export function openDoor(given: Flags, { folder, isReal, env, complain }: DoorOptions): Door {
  const { address, port, proxy } = given
  if (given.tokens !== null) {
    const tokens = openTokenFile({ path: given.tokens, complain })
    const publicUrl = publicUrlOf(env, address)
    const authorize = createAuthorizer(tokens)
    return { listening: { address, port, proxy, publicUrl, authorize }, token: null, tokens }
  }
  const token = isReal && given.token ? openToken(folder) : null
  const authorize = token === null ? {} : { authorize: createAuthorizer(folderKeyring(token)) }
  return { listening: { address, port, ...authorize }, token, tokens: null }
}

/** Where people reach a door with tokens; `null`: on this machine. */
function publicUrlOf({ PUBLIC_URL: text }: DoorOptions['env'], address: string): URL | null {
  if (!text && isLoopback(urlHost(address))) return null
  const url = URL.parse(text ?? '')
  const rest = url && `${url.username}${url.password}${url.search}${url.hash}`
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && rest === '') return url
  throw new Problem(
    'PUBLIC_URL: expected the URL by which people reach this Curfew, without a path, such as ' +
      `https://curfew.example: no other Host is answered. Got ${text ? quoteValue(text) : 'nothing'}.`,
    { exitCode: 2 },
  )
}
