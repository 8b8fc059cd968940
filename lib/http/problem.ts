/** Errors as HTTP tells them: `application/problem+json` (RFC 9457). */
import { STATUS_CODES } from 'node:http'
import type { FieldProblem } from '../core/documents/input.ts'
import { MAX_PROBLEMS, quoteValue } from '../core/documents/problem.ts'

interface ProblemDetails {
  status: number
  /** What went wrong this time, and what to do about it. */
  detail: string
  errors?: FieldProblem[]
  headers?: Record<string, string>
}

/** An answer of 400 or above: thrown where it is noticed, written by the edge. */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly details: ProblemDetails
  constructor(details: ProblemDetails, options?: ErrorOptions) {
    super(details.detail, options)
    this.details = details
  }
}

export const problemBody = ({ status, detail, errors }: ProblemDetails): Record<string, unknown> => ({
  type: 'about:blank',
  status,
  title: STATUS_CODES[status] ?? 'Error',
  detail,
  ...(errors ? { errors } : {}),
})

export function throwProblem(status: number, detail: string, errors?: FieldProblem[]): never {
  throw new HttpProblem({ status, detail, errors })
}

/** Throws 404: there is nothing of that sort with that id. */
export function throwNotFound(what: string, id: string): never {
  return throwProblem(404, `there is no ${what} ${id}`, [
    { path: 'id', message: `expected the id of a ${what}, got ${quoteValue(id)}` },
  ])
}

/** What was sent can be read, and is not allowed. Throws 422. */
export function throwUnprocessable(errors: FieldProblem[]): never {
  const [first] = errors
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`
  const cut = errors.length === MAX_PROBLEMS ? '; there may be others' : ''
  return throwProblem(422, `${first?.path}: ${first?.message}${more}${cut}`, errors)
}
