/** How long items are kept. */
export interface Keeping {
  retentionDays: number
  now: () => number
}

/** The attribute by which the table deletes an item when its time is over: seconds since the epoch. */
export const expiryAttribute = ({ retentionDays, now }: Keeping): { expiresAt: number } => ({
  expiresAt: Math.floor(now() / 1000) + retentionDays * 86_400,
})
