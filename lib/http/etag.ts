/** Answers that say what they said before: a caller that has the tag of the earlier one gets no body again. */
import { createHash } from 'node:crypto'
import type { Answer } from './route.ts'

const contentOf = ({ body, taggedBy = body }: Answer): string | Uint8Array =>
  typeof taggedBy === 'string' || taggedBy instanceof Uint8Array ? taggedBy : JSON.stringify(taggedBy)

/** Weak: whatever is between may compress the body. */
const tagOf = (answer: Answer): string =>
  `W/"${createHash('sha256').update(contentOf(answer)).digest('base64url').slice(0, 22)}"`

const opaquePart = (tag: string): string => tag.trim().replace(/^W\//, '')

/** Weak comparison (RFC 9110, 13.1.2). */
const isNamed = (tag: string, ifNoneMatch: string): boolean =>
  ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').map(opaquePart).includes(opaquePart(tag))

/**
 * The answer of a GET with a tag of its content, or 304 where the caller names that tag. A tag of the route's own stays: it is the
 * version for `If-Match`, and more than the version may have changed.
 */
export function tagAnswer(answer: Answer, ifNoneMatch: string | undefined): Answer {
  const { status, body, headers = {} } = answer
  if (status !== 200 || body === undefined || 'etag' in headers) return answer
  const etag = tagOf(answer)
  if (ifNoneMatch === undefined || !isNamed(etag, ifNoneMatch))
    return { ...answer, headers: { ...headers, etag } }
  const { 'content-type': _, 'content-encoding': __, ...kept } = headers
  return { status: 304, headers: { ...kept, etag } }
}
