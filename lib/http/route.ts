/** One route of the API: what it takes, what it answers, and what it does. Everything else follows from this. */
import * as z from 'zod'
import type { HttpServices } from '../runtime/services/services.ts'
import type { Role } from './access/role.ts'

/** To see needs `read`; a route that changes something says which role it needs. */
type Access = { method: 'GET'; needs?: 'read' } | { method: 'PUT' | 'POST' | 'DELETE'; needs: Role }

/** A request that was found right. */
export interface Asked<P = unknown, Q = unknown, B = unknown> {
  params: P
  query: Q
  body: B
  /** Header names in lower case. */
  headers: Record<string, string | undefined>
  /** The caller, as it is written down. */
  actor: string
}

export interface Answer {
  status: number
  /** A text and bytes are sent as they are, with the `content-type` of `headers`; everything else as JSON. */
  body?: unknown
  /** The part of the body that its tag is made of; absent: all. Leaves out what changes each time, such as the time. */
  taggedBy?: unknown
  headers?: Record<string, string>
}

/** A request as it may be sent, and the answer it gets; part of the OpenAPI document. */
export interface Example {
  /** What it shows. */
  summary: string
  params?: Record<string, string>
  query?: Record<string, string | number | string[]>
  headers?: Record<string, string>
  body?: unknown
  answer: { status: number; body?: unknown }
}

/** What an answer of a status means; `schema` is absent where it has no body. */
interface AnswerSpec {
  description: string
  schema?: z.ZodType
  contentType?: string
}

interface RouteSpec<P, Q, B> {
  /** With its parameters in braces: `/v1/runs/{id}`. */
  path: string
  /** One word for programs that are made from the OpenAPI document. */
  operation: string
  summary: string
  description: string
  params?: z.ZodType<P>
  query?: z.ZodType<Q>
  /** `optional`: may be left out altogether. `form`: as a page sends it, not as JSON. */
  body?: { schema: z.ZodType<B>; optional?: true; form?: true }
  /** Those that count here, by their names in lower case, and what they are for. */
  headers?: Record<string, string>
  /** Answers below 400; problems are the same for all routes. */
  answers: Record<number, AnswerSpec>
  /** Problems that this route has beyond those of its inputs. */
  problems?: Record<number, string>
  /** Requests with their answers, by name; absent where the answer is a document itself. */
  examples?: Record<string, Example>
  /** Its `ETag` is the version of a document, for `If-Match`. */
  versioned?: true
  /** Needs no authorization, on AWS either. */
  open?: true
  run(asked: Asked<P, Q, B>, services: HttpServices): Answer | Promise<Answer>
}

export type Route = RouteSpec<unknown, unknown, unknown> & { method: Access['method']; needs: Role }

const Nothing = z.strictObject({})

/** A route whose inputs are as its schemas say when `run` is called. */
export function defineRoute<P = unknown, Q = unknown, B = unknown>(spec: RouteSpec<P, Q, B> & Access): Route {
  return { query: Nothing, needs: 'read', ...spec } as unknown as Route
}

export const jsonAnswer = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  body,
  headers,
})
