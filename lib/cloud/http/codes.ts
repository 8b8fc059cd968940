/** What the codes of a cloud mean. Each cloud has such a table in its own folder. */
import type { CloudErrorClass, RefusalCause } from '../../core/model/errors.ts'

/** `unclear`: it may have been carried out; `parameter`: refused, and the fault of a server where the answer names one. */
export type Meaning = CloudErrorClass | 'unclear' | 'parameter'

export interface Codes {
  /** Codes that the HTTP status alone would misjudge. */
  meanings: ReadonlyMap<string, Meaning>
  /** Codes that name the cause of a refusal. */
  causes: ReadonlyMap<string, RefusalCause>
  /** Codes for a failure of any kind, whose cause the words beside them tell. */
  wrappers: ReadonlySet<string>
  /** Whether a code is of a gateway, which refuses a request before any server is looked at. */
  isGateway(code: string): boolean
  /** Words that say, without a code, that the service is out of reach. */
  unavailableWords?: RegExp
  /** Whether a refused key is no fault of the key, but of this machine's clock. */
  isClockProblem(answer: { code: string | null; message: string }): boolean
}

/** A table from lists of codes, parted by spaces. */
export const codeTable = <T extends string>(lists: Partial<Record<T, string>>): ReadonlyMap<string, T> =>
  new Map(
    (Object.keys(lists) as T[]).flatMap(word =>
      (lists[word] ?? '').split(/\s+/).map(code => [code, word] as const),
    ),
  )

/** The codes that Curfew itself gives what happened on the way. */
export const OWN_MEANINGS = codeTable<Meaning>({
  unavailable: 'not-connected no-such-host',
  unclear: 'timeout connection-lost',
})
export const OWN_CAUSES = codeTable<RefusalCause>({ forbidden: 'http-403' })
