import dns, { type LookupAddress } from 'node:dns'
import { onTestFinished, vi } from 'vitest'

type Answered = (error: Error | null, addresses: LookupAddress[]) => void

/**
 * Answers each lookup of a name under `.invalid` at once as RFC 6761 (6.4) says: no such host. The machine's own
 * resolver may take seconds for the same answer.
 */
export function denyInvalidHosts(): void {
  const lookup = dns.lookup as (name: string, options: object, answered: Answered) => void
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(((
    name: string,
    options: object,
    answered: Answered,
  ) => {
    if (!name.endsWith('.invalid')) return lookup(name, options, answered)
    answered(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), [])
  }) as typeof dns.lookup)
  onTestFinished(() => void spy.mockRestore())
}
