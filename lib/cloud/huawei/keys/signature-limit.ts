/** Keeps a key that many connections share from being locked: the sixth bad signature in a row does ("api-sign-0001"). */
import { KEY_COOLDOWN_SECONDS } from '../../../core/model/credential-cooldown.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'

/** Few, for other processes count for themselves. A connection whose key was refused is in cooldown for all of them. */
const MAX_BAD_SIGNATURES = 2

/** A host that does not answer holds up no other for longer. */
const MAX_TURN_MS = 3000

interface BadSignatures {
  count: number
  at: number
}
interface SignatureLimit {
  /** Work with the key, one after the other: a refusal is heard of before the next one. */
  inTurn<T>(owner: string, work: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T>
  /** Why the key is not used now; `null` when it may be. */
  heldBack(owner: string, now: number): string | null
  refused(owner: string, now: number): void
  passed(owner: string): void
}

/** `owner` stands for the key: a digest of it. */
export function createSignatureLimit(): SignatureLimit {
  const bad = new Map<string, BadSignatures>()
  const turns = new Map<string, Promise<unknown>>()
  const endOf = ({ at }: BadSignatures): number => at + KEY_COOLDOWN_SECONDS * 1000
  return {
    inTurn(owner, work, pause) {
      const before = turns.get(owner)
      const own = before ? Promise.race([before, pause(MAX_TURN_MS)]).then(work) : work()
      const over = own.then(
        () => undefined,
        () => undefined,
      )
      turns.set(owner, over)
      void over.then(() => turns.get(owner) === over && turns.delete(owner))
      return own
    },
    heldBack(owner, now) {
      const last = bad.get(owner)
      if (last === undefined || last.count < MAX_BAD_SIGNATURES || now >= endOf(last)) return null
      return `its key was refused ${last.count} times, and is left alone until ${isoInstant(endOf(last))}, or until it is another one: six bad signatures in a row lock it`
    },
    refused(owner, now) {
      const last = bad.get(owner)
      const isOver = last === undefined || now >= endOf(last)
      bad.set(owner, { count: isOver ? 1 : last.count + 1, at: now })
    },
    passed: owner => void bad.delete(owner),
  }
}
