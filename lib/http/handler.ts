/** The edge of HTTP: what API Gateway hands in becomes a request, and an answer or an error becomes what it expects. */
import middy from '@middy/core'
import httpHeaderNormalizer from '@middy/http-header-normalizer'
import httpSecurityHeaders from '@middy/http-security-headers'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { Unreadable } from '../core/model/errors.ts'
import { errorFields } from '../runtime/log.ts'
import type { HttpServices } from '../runtime/services/services.ts'
import { readCaller } from './access/caller.ts'
import { dispatchRequest, type Incoming } from './dispatch.ts'
import { tagAnswer } from './etag.ts'
import { isTooLong } from './lists/answer-size.ts'
import { HttpProblem, problemBody, throwProblem } from './problem.ts'
import type { Answer, Route } from './route.ts'

/** Payload format 2.0, whatever authorizer the route has (API Gateway developer guide, "Lambda proxy integrations for HTTP APIs"). */
type Event = APIGatewayProxyEventV2
type Result = APIGatewayProxyStructuredResultV2

/** Only the product's own files are shown, and in no foreign frame. */
const PAGE_RULES =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

function incomingRequest(event: Event): Incoming {
  const { body, isBase64Encoded, rawQueryString, requestContext, headers } = event
  const { path, ...caller } = readCaller(event)
  return {
    method: requestContext.http.method,
    path,
    query: [...new URLSearchParams(rawQueryString)],
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }),
    caller,
  }
}

/** Throws 500 for an answer that Lambda would refuse, and API Gateway then hide behind words of its own. */
function boundedResult(answer: Answer): Result {
  const made = lambdaResult(answer)
  if (isTooLong(made))
    throwProblem(500, 'the answer would be longer than the 6 MB that Lambda hands on: ask for less of it')
  return made
}

function lambdaResult({ status, body, headers = {} }: Answer, type = 'application/json'): Result {
  const own = { 'cache-control': 'no-store', 'content-security-policy': PAGE_RULES, ...headers }
  if (body === undefined) return { statusCode: status, headers: own }
  const typed = { statusCode: status, headers: { 'content-type': type, ...own } }
  if (body instanceof Uint8Array)
    return { ...typed, body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
  return { ...typed, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** The answer to an error: what is wrong with the request in full, what went wrong with us by its number alone. */
function problemResult(error: unknown, { log, unique }: HttpServices): Result {
  if (error instanceof HttpProblem) {
    const { status, headers = {} } = error.details
    return lambdaResult({ status, headers, body: problemBody(error.details) }, 'application/problem+json')
  }
  const id = unique()
  log.error('a request failed unexpectedly', { id, ...errorFields(error) })
  const detail =
    error instanceof Unreadable ? error.message : `something went wrong here; the log tells more under ${id}`
  return lambdaResult(
    { status: 500, body: { ...problemBody({ status: 500, detail }), id } },
    'application/problem+json',
  )
}

/** The caller and the path of a request to `/v1`: a path elsewhere may hold a token, and is told by its first part alone. */
function logRequest(
  { requestContext: { requestId } }: Event,
  incoming: Incoming,
  { log }: HttpServices,
): void {
  const { method, path, caller } = incoming
  const told = path.startsWith('/v1/') ? path : path.split('/').slice(0, 2).join('/')
  log.info('asked', { requestId, method, path: told, actor: caller.actor })
}

/** So long before the function is ended, it answers for itself. */
const EARLY_MS = 500
const LATE =
  'there was no answer in time: a cloud that was asked is slow, or does not answer. A check of its connection says so (npx curfew connections check ID); what is sent to the clouds by runs goes on'

const lateResult = (): Result =>
  lambdaResult({ status: 504, body: problemBody({ status: 504, detail: LATE }) }, 'application/problem+json')

/** A handler for API Gateway's HTTP API. */
export const httpHandler = (routes: Route[], services: () => HttpServices) =>
  middy<Event, Result>({ timeoutEarlyInMillis: EARLY_MS, timeoutEarlyResponse: lateResult })
    .use(httpHeaderNormalizer())
    .use(
      httpSecurityHeaders({
        contentSecurityPolicy: false,
        permissionsPolicy: false,
        reportTo: false,
        reportingEndpoints: false,
      }),
    )
    .handler(async event => {
      try {
        const incoming = incomingRequest(event)
        logRequest(event, incoming, services())
        const answer = await dispatchRequest(routes, incoming, services())
        const { 'if-none-match': ifNoneMatch } = incoming.headers
        return boundedResult(incoming.method === 'GET' ? tagAnswer(answer, ifNoneMatch) : answer)
      } catch (error) {
        return problemResult(error, services())
      }
    })
