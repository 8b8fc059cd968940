/** From a request as it came to the route that answers it. */
import * as z from 'zod'
import { doubledName } from '../core/documents/doubled-name.ts'
import type { FieldProblem } from '../core/documents/input.ts'
import { checkInput, quoteValue } from '../core/documents/problem.ts'
import type { HttpServices } from '../runtime/services/services.ts'
import { type Caller, refuseWithoutRole } from './access/role.ts'
import { HttpProblem, throwProblem, throwUnprocessable } from './problem.ts'
import type { Answer, Asked, Route } from './route.ts'

/** A request as it came; header names in lower case. */
export interface Incoming {
  method: string
  /** Still encoded. */
  path: string
  query: [name: string, value: string][]
  headers: Record<string, string | undefined>
  /** Absent where none was sent. */
  body?: Uint8Array
  caller: Caller
}

const MAX_BODY_BYTES = 256 * 1024
const JSON_TYPE = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}

/** The parameters of a path, by the names its pattern has in braces, each to the end of its segment or with what ends it, such as `.ics`; `null` when it is another path. */
function matchPath(pattern: string, path: string): Record<string, string | null> | null {
  const names = pattern.split('/')
  const parts = path.split('/')
  if (names.length !== parts.length) return null
  const params: Record<string, string | null> = {}
  for (const [index, name] of names.entries()) {
    const part = parts[index]!
    const [, param, end = ''] = /^\{(\w+)\}(.*)$/.exec(name) ?? []
    if (param !== undefined && part.endsWith(end))
      params[param] = decodeSegment(part.slice(0, part.length - end.length))
    else if (name !== part) return null
  }
  return params
}

function routeOf(routes: Route[], { method, path }: Incoming) {
  const here = routes.flatMap(route => {
    const params = matchPath(route.path, path)
    return params ? [{ route, params }] : []
  })
  if (here.length === 0) {
    const message = `expected a path that GET /docs shows (GET /v1/openapi.json for programs), got ${quoteValue(path)}`
    throwProblem(404, `there is no such path here: ${message}`, [{ path: 'path', message }])
  }
  // A request for the head alone is answered as by GET; the server in front leaves the body out (RFC 9110, section 9.3.2).
  const wanted = method === 'HEAD' ? 'GET' : method
  const found = here.find(({ route }) => route.method === wanted)
  if (found) return found
  // A path without a value in it is another resource than one whose value is spelt like it (OpenAPI, "Paths Object").
  const literal = here.filter(({ route }) => route.path === path)
  const methods = (literal.length > 0 ? literal : here).map(({ route }) => route.method)
  const allow = [...new Set(methods)].join(', ')
  const message = `expected ${allow.replaceAll(', ', ' or ')}, got ${method}`
  const errors = [{ path: 'method', message }]
  throw new HttpProblem({ status: 405, detail: `not possible here: ${message}`, errors, headers: { allow } })
}

/** A value of a path that cannot be one names nothing that exists. */
function paramsOf({ method, params: schema }: Route, params: Record<string, string | null>): unknown {
  if (!schema) return params
  const result = checkInput(schema, params)
  if (result.ok) return result.value
  if (method === 'PUT') throwUnprocessable(result.errors)
  return throwProblem(
    404,
    `there is no such thing: ${result.errors[0]!.path}: ${result.errors[0]!.message}`,
    result.errors,
  )
}

/** Whether a parameter may be given more than once. */
function isList(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isList(schema.unwrap())
  return schema instanceof z.ZodArray
}

function queryOf({ query: schema = z.unknown() }: Route, query: Incoming['query']): unknown {
  const shape: Record<string, unknown> = schema instanceof z.ZodObject ? schema.shape : {}
  const given = Map.groupBy(query, ([name]) => name)
  const errors: FieldProblem[] = []
  const values = [...given].map(([name, pairs]) => {
    const all = pairs.map(([, value]) => value)
    if (Object.hasOwn(shape, name) && isList(shape[name])) return [name, all]
    if (all.length > 1) errors.push({ path: name, message: 'expected once, got more often' })
    return [name, all[0]]
  })
  if (errors.length > 0) throwUnprocessable(errors)
  const result = checkInput(schema, Object.fromEntries(values))
  if (result.ok) return result.value
  // Of what may be repeated, the name is said, as it stands in the address.
  return throwUnprocessable(
    result.errors.map(({ path, message }) => ({ path: path.replace(/\.\d+$/, ''), message })),
  )
}

function unreadableJson(why: string): never {
  return throwProblem(400, `the body cannot be read as JSON: ${why}`, [
    { path: 'body', message: `expected JSON, got something else: ${why}` },
  ])
}

function jsonText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return unreadableJson('it is not UTF-8')
  }
}

/** What became of bytes that are no UTF-8 on their way to us, where they came as text. */
const REPLACEMENT = '\uFFFD'

function parsedJson(bytes: Uint8Array): unknown {
  const text = jsonText(bytes)
  if (text.includes(REPLACEMENT)) unreadableJson('it holds U+FFFD, which stands for bytes that are not UTF-8')
  const value = jsonValue(text)
  const doubled = doubledName(text)
  if (doubled === null) return value
  const message = 'expected each name once, got it twice'
  return throwProblem(400, `${doubled}: ${message}`, [{ path: doubled, message }])
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return unreadableJson(error instanceof Error ? error.message.slice(0, 200) : '')
  }
}

/** What a page sends, whatever type it is said to be: none of it is read but the fields that the schema names. */
const formFields = (body: Uint8Array): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(new TextDecoder().decode(body)))

function bodyOf({ body: spec }: Route, { body = new Uint8Array(), headers }: Incoming): unknown {
  if (!spec) return undefined
  if (spec.form) return parseInput(spec.schema, formFields(body))
  if (body.length === 0 && spec.optional) return parseInput(spec.schema, {})
  const type = headers['content-type']
  if (body.length > 0 && !JSON_TYPE.test(type ?? '')) {
    const got = type === undefined ? 'none' : `"${type.slice(0, 100)}"`
    throwProblem(415, `expected a body of type application/json, got ${got}`, [
      { path: 'content-type', message: `expected application/json, got ${got}` },
    ])
  }
  return parseInput(spec.schema, parsedJson(body))
}

function parseInput(schema: z.ZodType, input: unknown): unknown {
  const result = checkInput(schema, input)
  return result.ok ? result.value : throwUnprocessable(result.errors)
}

function refuseLongBody({ body }: Incoming): void {
  if (body && body.length > MAX_BODY_BYTES)
    throwProblem(413, `expected a body of at most ${MAX_BODY_BYTES} bytes, got ${body.length}`, [
      { path: 'body', message: `expected at most ${MAX_BODY_BYTES} bytes, got ${body.length}` },
    ])
}

/** The answer of the route that a request names. Throws `HttpProblem` for what is wrong with it. */
export async function dispatchRequest(
  routes: Route[],
  incoming: Incoming,
  services: HttpServices,
): Promise<Answer> {
  const { route, params } = routeOf(routes, incoming)
  if (!route.open) refuseWithoutRole(incoming.caller, route.needs)
  refuseLongBody(incoming)
  const asked: Asked = {
    params: paramsOf(route, params),
    query: queryOf(route, incoming.query),
    body: bodyOf(route, incoming),
    headers: incoming.headers,
    actor: incoming.caller.actor,
  }
  return route.run(asked, services)
}
