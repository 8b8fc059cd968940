/** Credentials that end by themselves: kept in the memory of the process until shortly before, and asked for once for all that wait. */

/** A credential this close to its end is not used any more: a call under way must not outlive it. */
const BEFORE_END_MS = 120_000

interface TimedCredential {
  /** Not used from then on, ms since the epoch. */
  until: number
}
/** As it is kept: still to come, or there. */
interface CachedCredential {
  /** What it was asked for: another secret, project or account needs another one. */
  purpose: string
  credential: Promise<TimedCredential>
  until: number
}
interface CredentialSource<Credential extends TimedCredential> {
  /** Whose it is: there is one for each. */
  owner: string
  purpose: string
  obtain: () => Promise<Credential>
  now: () => number
}
type KeptCredential<Credential> = Credential & {
  /** It is of no use any more: the next call gets a new one. */
  drop: () => void
}

const kept = new Map<string, CachedCredential>()

/** What gives the credential: the kept one, else one that is asked for now. Throws what `obtain` throws. */
export function keepCredential<Credential extends TimedCredential>({
  owner,
  purpose,
  obtain,
  now,
}: CredentialSource<Credential>): () => Promise<KeptCredential<Credential>> {
  function keep(): CachedCredential {
    const one: CachedCredential = { purpose, credential: obtain(), until: Number.POSITIVE_INFINITY }
    const there = ({ until }: TimedCredential) => {
      one.until = until
    }
    one.credential.then(there, () => drop(one))
    kept.set(owner, one)
    return one
  }
  function drop(one: CachedCredential): void {
    if (kept.get(owner) === one) kept.delete(owner)
  }
  return async () => {
    const last = kept.get(owner)
    const one = last?.purpose === purpose && now() < last.until ? last : keep()
    return { ...((await one.credential) as Credential), drop: () => drop(one) }
  }
}

interface Lifetime {
  /** When it was asked for, ms since the epoch. */
  askedAt: number
  /** When that was by the cloud's clock, where it tells. */
  cloudAskedAt?: number | undefined
  cloudEndsAt: number
}

/** Until when a credential is used: by the cloud's clock alone, where it tells both instants, for ours may be wrong. */
export const usedUntil = ({ askedAt, cloudAskedAt = askedAt, cloudEndsAt }: Lifetime): number =>
  askedAt + (cloudEndsAt - cloudAskedAt) - BEFORE_END_MS
