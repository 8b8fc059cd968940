/** Answers and refusals of a Nova. */
import { type Answer, bare, type Request } from '../route.ts'
import { uuidOf } from '../world/server.ts'

export const LEAST = '2.1'
export const MOST = '2.93'
type Fault = 'badRequest' | 'forbidden' | 'itemNotFound' | 'computeFault' | 'conflictingRequest'
const STATUSES: Record<Fault, number> = {
  badRequest: 400,
  forbidden: 403,
  itemNotFound: 404,
  computeFault: 406,
  conflictingRequest: 409,
}
const JSON_TYPE = 'application/json; charset=UTF-8'

/** The minor number of the microversion that a request asks for; null where it asks for none that can be read. */
function minorOf({ path, headers }: Request): number | null {
  if (path.startsWith('/v2/')) return 1
  const standard = /^compute (\S+)$/.exec(headers['openstack-api-version']?.toString() ?? '')?.[1]
  const asked = standard ?? headers['x-openstack-nova-api-version']?.toString() ?? LEAST
  const [, minor] = /^2\.(\d+)$/.exec(asked === 'latest' ? MOST : asked) ?? []
  return minor === undefined ? null : Number(minor)
}

/** Whether the microversion that is asked for is at least this one: `has(request, 26)` is 2.26. */
export const has = (request: Request, minor: number): boolean => (minorOf(request) ?? 1) >= minor

const requestIds = ({ requestId }: Request): Record<string, string> => ({
  'X-Openstack-Request-Id': `req-${uuidOf(requestId)}`,
  'X-Compute-Request-Id': `req-${uuidOf(requestId)}`,
})

function versionHeaders(request: Request): Record<string, string> {
  if (request.path.startsWith('/v2/')) return {}
  const version = `2.${minorOf(request) ?? 1}`
  return {
    'Openstack-Api-Version': `compute ${version}`,
    'X-Openstack-Nova-Api-Version': version,
    Vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  }
}

/** An answer of one of Nova's own controllers; an empty one has no body, and says that it is JSON. */
export const controllerAnswer = (request: Request, status: number, body?: unknown): Answer =>
  bare(status, body, {
    'Content-Type': body === undefined ? 'application/json' : JSON_TYPE,
    ...versionHeaders(request),
    ...requestIds(request),
  })

/** A refusal by one of Nova's own controllers; the status is that of the fault unless said otherwise. */
export const fault = (request: Request, name: Fault, message: string): Answer => {
  const code = STATUSES[name]
  return { ...controllerAnswer(request, code, { [name]: { code, message } }), code: name }
}

/** The token filter in front of Nova. */
export function unauthorized(request: Request): Answer {
  const message = 'The request you have made requires authentication.'
  return {
    code: '401',
    ...bare(
      401,
      { error: { code: 401, title: 'Unauthorized', message } },
      {
        'Content-Type': 'application/json',
        'Www-Authenticate': `Keystone uri="http://${request.headers.host}/v3"`,
        ...requestIds(request),
      },
    ),
  }
}

const TITLES: Record<number, string> = { 404: 'Not Found', 413: 'Request Entity Too Large' }

/** The router and the filters: a `code` that is a text. */
export function routerRefusal(request: Request, status: 404 | 413, words: string): Answer {
  const title = TITLES[status]
  const body = { message: `${words}<br /><br />\n\n\n`, code: `${status} ${title}`, title }
  return {
    code: String(status),
    ...bare(status, body, { 'Content-Type': 'application/json', ...requestIds(request) }),
  }
}

export const isNovaPath = ({ path }: Request): boolean => /^\/v2(\.1)?\//.test(path)
/** No such path, or no such method on it. */
export const notRouted = (request: Request): Answer =>
  routerRefusal(request, 404, 'The resource could not be found.')

/** Refuses a microversion that this Nova does not have. */
export function versionRefusal(request: Request): Answer | null {
  const minor = minorOf(request)
  if (minor !== null && minor >= 1 && minor <= Number(MOST.slice(2))) return null
  const asked = request.headers['openstack-api-version'] ?? request.headers['x-openstack-nova-api-version']
  const version = String(asked).replace('compute ', '')
  const words = `Version ${version} is not supported by the API. Minimum is ${LEAST} and maximum is ${MOST}.`
  return fault(request, 'computeFault', words)
}
