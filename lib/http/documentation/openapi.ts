/** The OpenAPI 3.1 document, made of the routes and of the schemas that validate. */
import { STATUS_CODES } from 'node:http'
import * as z from 'zod'
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import type { Example, Route } from '../route.ts'
import { Problem } from '../schemas/schemas.ts'
import { dropEmptyBounds } from './json-schema.ts'
import { describedTags, routeTagOf } from './tags.ts'

type Responses = NonNullable<ZodOpenApiOperationObject['responses']>
type Named = Record<string, Example>

/** Part of each example, by its name: what of it belongs in one place of the document. */
function exampleParts(
  examples: Named,
  part: (example: Example) => unknown,
): Record<string, { summary: string; value: unknown }> {
  const found = Object.entries(examples).flatMap(([name, example]) => {
    const value = part(example)
    return value === undefined ? [] : [[name, { summary: example.summary, value }] as const]
  })
  return Object.fromEntries(found)
}
const some = <T extends object>(examples: T) => (Object.keys(examples).length > 0 ? { examples } : {})

const DETAILS: Record<number, string> = {
  400: 'It cannot be parsed.',
  403: "The caller's role does not allow it.",
  404: 'There is no such thing.',
  409: 'Others changed it over and over at this very moment.',
  412: 'It is another version by now than `If-Match` says.',
  413: 'The body is longer than 256 KB.',
  415: 'The body is not of type application/json.',
  422: 'It is not allowed; `errors` names each field.',
}

function problemStatuses(route: Route): number[] {
  const { method, params, query, body, headers = {}, problems = {}, path, open } = route
  const hasQuery = query instanceof z.ZodObject && Object.keys(query.shape).length > 0
  return [
    ...(body || hasQuery ? [400] : []),
    ...(open ? [] : [403]),
    ...(params && method !== 'PUT' ? [404] : []),
    ...('if-match' in headers || path.endsWith('/cancel') ? [409] : []),
    ...('if-match' in headers ? [412] : []),
    ...(body ? [413, 415] : []),
    422,
    ...Object.keys(problems).map(Number),
  ]
}

function routeResponses(route: Route, examples: Named): Responses {
  const shown = (status: number) =>
    some(exampleParts(examples, ({ answer }) => (answer.status === status ? answer.body : undefined)))
  const answers = Object.entries(route.answers).map(([status, { description, schema, contentType }]) => {
    const content = schema && {
      content: { [contentType ?? 'application/json']: { schema, ...shown(Number(status)) } },
    }
    return [status, { description, ...content }]
  })
  const problems = [...new Set(problemStatuses(route))].map(status => {
    const description = route.problems?.[status] ?? DETAILS[status] ?? STATUS_CODES[status] ?? ''
    return [
      status,
      { description, content: { 'application/problem+json': { schema: Problem, ...shown(status) } } },
    ]
  })
  const unchanged = [304, { description: 'It says what it said in the answer that `If-None-Match` names.' }]
  const unexpected = {
    description: 'Something else.',
    content: { 'application/problem+json': { schema: Problem } },
  }
  return Object.fromEntries([
    ...answers,
    ...(isTagged(route) ? [unchanged] : []),
    ...problems,
    ['default', unexpected],
  ])
}

const isTagged = ({ method, versioned }: Route): boolean => method === 'GET' && !versioned

const IF_NONE_MATCH_TAG = { 'if-none-match': 'The `ETag` of an earlier answer: 304 where it still holds.' }

function headerParameters(route: Route): { header?: z.ZodObject } {
  const { headers = {} } = route
  const named = Object.entries(isTagged(route) ? { ...headers, ...IF_NONE_MATCH_TAG } : headers).map(
    ([name, description]) => [name, z.string().optional().meta({ description })],
  )
  return named.length === 0 ? {} : { header: z.object(Object.fromEntries(named)) }
}

function routeOperation(route: Route): ZodOpenApiOperationObject {
  const examples = route.examples ?? {}
  const { operation: operationId, summary, body, params, query, open, needs } = route
  return {
    operationId,
    summary,
    description: open ? route.description : `${route.description} Needs the role \`${needs}\`.`,
    ...(open ? {} : { 'x-curfew-role': needs }),
    tags: [routeTagOf(route)],
    requestParams: {
      ...(params ? { path: params as z.ZodObject } : {}),
      ...(query ? { query: query as z.ZodObject } : {}),
      ...headerParameters(route),
    },
    ...(body
      ? {
          requestBody: {
            required: body.optional !== true,
            content: {
              'application/json': { schema: body.schema, ...some(exampleParts(examples, one => one.body)) },
            },
          },
        }
      : {}),
    responses: routeResponses(route, examples),
    ...(open ? { security: [] } : {}),
  }
}

function apiPaths(routes: Route[]): ZodOpenApiPathsObject {
  const byPath = Map.groupBy(routes, ({ path }) => path)
  return Object.fromEntries(
    [...byPath].map(([path, here]) => [
      path,
      Object.fromEntries(here.map(route => [route.method.toLowerCase(), routeOperation(route)])),
    ]),
  )
}

interface Parameter {
  in: string
  name: string
  schema?: { type?: string }
  examples?: object
}

/** What the examples send in a parameter stands beside it, under their names. */
function addExamples(parameter: Parameter, examples: Named): void {
  const place = ({ path: 'params', query: 'query', header: 'headers' } as const)[parameter.in]
  if (!place) return
  const isNumber = /^(integer|number)$/.test(parameter.schema?.type ?? '')
  const found = exampleParts(examples, example => {
    const value = example[place]?.[parameter.name]
    return isNumber && value !== undefined ? Number(value) : value
  })
  if (Object.keys(found).length > 0) parameter.examples = found
}

const IAM = {
  type: 'apiKey' as const,
  in: 'header' as const,
  name: 'Authorization',
  description: 'On AWS: Signature Version 4, service `execute-api`.',
  'x-amazon-apigateway-authtype': 'awsSigv4',
}

const TOKEN = {
  type: 'http' as const,
  scheme: 'bearer',
  description:
    "On one's own machine, with real connections: the token that lies in the data folder. With the simulated cloud nothing is needed.",
}

/** The whole document. */
export function openApi(routes: Route[], version: string) {
  const described: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Curfew',
      version,
      description:
        'Scheduled, verified shutdown of Huawei Cloud servers. Errors are `application/problem+json` (RFC 9457).',
      contact: { name: 'Whoever runs this installation' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this document is.' }],
    security: [{ iam: [] }, { token: [] }],
    tags: describedTags(routes),
    paths: apiPaths(routes),
    components: { securitySchemes: { iam: IAM, token: TOKEN } },
  }
  const document = createDocument(described, { override: dropEmptyBounds })
  for (const route of routes) {
    const { parameters = [] } = document.paths?.[route.path]?.[route.method.toLowerCase() as 'get'] ?? {}
    for (const parameter of parameters) addExamples(parameter as Parameter, route.examples ?? {})
  }
  return document
}
