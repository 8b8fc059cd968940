/** Who changed what is written down once the change is made: an edit without its entry is the lesser evil. */
import { type Change, changedFields } from '../core/change.ts'
import type { Services } from '../services.ts'

export interface Changing {
  of: Parameters<Services['store']['createChange']>[0]
  what: Change['what']
  actor: string
  before: object | null
  after: object | null
  version: number
}

/** Notes a change, for the log and for whoever asks later. */
export async function changed(
  { of, before, after, ...rest }: Changing,
  { store, log, now }: Services,
): Promise<void> {
  const fields = changedFields(before, after)
  await store.createChange(of, { at: new Date(now()).toISOString(), ...rest, fields })
  log.info(`${of.kind} ${rest.what}`, { ...of, ...rest, fields: fields.map(({ path }) => path) })
}
