/** Requests that are sent again under the same `Idempotency-Key`. */
import { createHash } from 'node:crypto'
import { canonicalText } from '../../core/documents/canonical.ts'
import type { ManualRun } from '../../core/model/run.ts'
import type { HttpServices } from '../../runtime/services/services.ts'
import { throwProblem, throwUnprocessable } from '../problem.ts'
import type { Asked } from '../route.ts'

const hashTexts = (...texts: string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex')

/** Under a key, the id is the key's: a repeated request gets the same run, whatever went wrong before. */
export function runIdentity(
  { body, headers, actor }: Pick<Asked, 'body' | 'headers' | 'actor'>,
  { unique }: HttpServices,
): Pick<ManualRun, 'id' | 'bodyHash'> {
  const key = headers['idempotency-key']
  if (key === undefined) return { id: `manual.${unique()}` }
  if (key.length === 0 || key.length > 255)
    throwUnprocessable([
      { path: 'idempotency-key', message: `expected 1 to 255 characters, got ${key.length}` },
    ])
  // A role's sessions are named anew each time: a process that was started again is still the caller whose key it is.
  const caller = actor.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1')
  return {
    id: `manual.${hashTexts(caller, key).slice(0, 32)}`,
    bodyHash: hashTexts(canonicalText(body)),
  }
}

/** Throws 409 where a key was used with another body. `null`: another request began to make it, and did not get to its end yet. */
export function sameRequest<M extends Pick<ManualRun, 'bodyHash'>>(
  made: M | null,
  { bodyHash }: Pick<ManualRun, 'bodyHash'>,
): M {
  return made && made.bodyHash === bodyHash
    ? made
    : throwProblem(
        409,
        'Idempotency-Key: this key was used with another body: take a new key for another run',
        [
          {
            path: 'idempotency-key',
            message: 'expected the body that this key was used with before, got another',
          },
        ],
      )
}
