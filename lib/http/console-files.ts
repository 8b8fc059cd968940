/** The files of the console, and the rules by which a browser may use them. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export const CONSOLE_PAGE = 'index.html'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A file's name holds a hash of what is in it: another content has another name. The page is looked at anew each time. */
const FOR_EVER = 'public, max-age=31536000, immutable'
const ASK_AGAIN = 'no-cache'

interface StoredFile {
  plain: Uint8Array
  packed: Uint8Array
}
export type ConsoleFiles = Map<string, StoredFile>

const pack = promisify(gzip)

async function readConsoleFile(path: string): Promise<StoredFile> {
  const plain = await readFile(path)
  return { plain, packed: await pack(plain, { level: 9 }) }
}

/** All of a folder's, by name; none where there is no such folder. They are few and small. */
export async function readConsoleFiles(folder: string): Promise<ConsoleFiles> {
  const names = (await readdir(folder).catch(() => [])).filter(name => extname(name) in TYPES)
  return new Map(
    await Promise.all(names.map(async name => [name, await readConsoleFile(join(folder, name))] as const)),
  )
}

/** Where tokens are given, beside the issuer's own origin: Cognito gives them below the domain of a user pool. */
function issuerOrigins(issuer: string): string[] {
  const { origin, hostname } = new URL(issuer)
  const [, region] = /^cognito-idp\.([a-z0-9-]+)\.amazonaws\.com$/.exec(hostname) ?? []
  return region === undefined ? [origin] : [origin, `https://*.auth.${region}.amazoncognito.com`]
}

/** The page may load its own files, ask this service and the issuer of its tokens, and nothing else at all. */
function pageRules(issuer: string | null): string {
  const asked = ["'self'", ...(issuer === null ? [] : issuerOrigins(issuer))].join(' ')
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${asked}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Whether a browser takes gzip (RFC 9110, section 12.5.3): named, or by `*`, and not with the weight 0. */
function takesGzip(acceptEncoding = ''): boolean {
  const weights = acceptEncoding.split(',').map(one => {
    const [name = '', weight = 'q=1'] = one.toLowerCase().replaceAll(/\s/g, '').split(';')
    return [name, Number(weight.slice(2))] as const
  })
  const found = weights.find(([name]) => name === 'gzip') ?? weights.find(([name]) => name === '*')
  return found !== undefined && found[1] > 0
}

interface FileRequest {
  name: string
  /** The header of the request. */
  acceptEncoding: string | undefined
  /** The OIDC issuer that people log in at; `null`: none. */
  issuer: string | null
}

/** A file as it is sent, with its headers; `null`: there is none of that name. */
export function consoleFile(files: ConsoleFiles, { name, acceptEncoding, issuer }: FileRequest) {
  const stored = files.get(name)
  if (stored === undefined) return null
  const isPacked = takesGzip(acceptEncoding)
  const headers: Record<string, string> = {
    'content-type': TYPES[extname(name)]!,
    'cache-control': name === CONSOLE_PAGE ? ASK_AGAIN : FOR_EVER,
    'content-security-policy': pageRules(issuer),
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
    ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
  }
  return { body: isPacked ? stored.packed : stored.plain, headers }
}
