/** How many servers an edit of a policy adds to those that it would stop now, or spares. */
import type * as z from 'zod'
import { Preview } from '../../lib/http/schemas/preview-schemas.ts'
import { type Api, isPassing, pathOf } from '../api.ts'
import { Refused } from '../send.ts'
import type { FileEdit } from './edits.ts'

type Seen = Pick<z.infer<typeof Preview>, 'summary' | 'targets' | 'unreachable'>

interface Counts {
  stops: number
  adds: number
  spares: number
}

/** `notCounted`: connections that could not be read, where there are any; `reason`: why it cannot be told. */
export type Effect = (Counts & { notCounted?: string[] }) | { reason: string }

const NONE: Seen = { summary: { matched: 0, targets: 0, skipped: 0 }, targets: [] }

/** By their ids where all are told, else by their numbers. */
function countsOf(before: Seen, after: Seen): Counts {
  const stops = after.summary.targets
  const isWhole = [before, after].every(({ summary, targets }) => targets.length === summary.targets)
  if (!isWhole) {
    const more = stops - before.summary.targets
    return { stops, adds: Math.max(0, more), spares: Math.max(0, -more) }
  }
  const idsOf = ({ targets }: Seen): Set<string> => new Set(targets.map(({ serverId }) => serverId))
  const old = idsOf(before)
  const now = idsOf(after)
  return {
    stops,
    adds: [...now].filter(id => !old.has(id)).length,
    spares: [...old].filter(id => !now.has(id)).length,
  }
}

function effectOf(before: Seen, after: Seen): Effect {
  const unread = [before, after].flatMap(({ unreachable = [] }) => unreachable.map(one => one.connection))
  const notCounted = [...new Set(unread)].toSorted()
  return { ...countsOf(before, after), ...(notCounted.length > 0 ? { notCounted } : {}) }
}

const isEnabled = (edit: FileEdit): boolean => 'fields' in edit && edit.fields.enabled !== false

async function previewedEffect(edit: FileEdit, api: Api): Promise<Effect> {
  const stored = async () => (await api.post(Preview, pathOf('/v1/policies', edit.id, '/preview'))).value
  const wanted = async () =>
    'fields' in edit ? (await api.post(Preview, '/v1/preview', { body: edit.fields })).value : NONE
  const before = edit.does === 'create' ? NONE : await stored()
  return effectOf(before, isEnabled(edit) ? await wanted() : NONE)
}

/** What the policies among the edits would do, by their ids. */
export async function effectsOf(edits: FileEdit[], api: Api): Promise<Map<string, Effect>> {
  const effects = new Map<string, Effect>()
  for (const edit of edits) {
    if (edit.kind !== 'policy' || !['create', 'change', 'delete'].includes(edit.does)) continue
    const effect = await previewedEffect(edit, api).catch((error: unknown) => {
      if (error instanceof Refused && !isPassing(error)) return { reason: error.detail }
      throw error
    })
    effects.set(edit.id, effect)
  }
  return effects
}
