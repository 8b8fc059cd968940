/** Says how a list goes on, and which of its documents cannot be read. */
import type { Terminal } from '../screen/terminal.ts'

interface Rest {
  nextCursor: string | null
  unreadable?: string[]
}

export function showRest({ nextCursor, unreadable = [] }: Rest, { print, complain }: Terminal): void {
  if (nextCursor !== null)
    print(`\nThere are more: --limit N shows up to N, --cursor ${nextCursor} those that follow.`)
  if (unreadable.length > 0) complain(`These cannot be read, and are left out: ${unreadable.join(', ')}`)
}
