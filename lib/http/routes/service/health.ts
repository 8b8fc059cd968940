import { setTimeout as sleep } from 'node:timers/promises'
import about from '../../../../package.json' with { type: 'json' }
import { isSame } from '../../../core/documents/documents.ts'
import type { Settings } from '../../../core/model/model.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { saveWithAudit } from '../../edits/changed.ts'
import { retryOnConflict } from '../../edits/edit.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { Health, SettingsBody, SettingsDocument } from '../../schemas/schemas.ts'
import { SERVICE_EXAMPLES } from './examples.ts'

/** What does not answer in this time does not answer. */
const PATIENCE_MS = 3000

async function inTime(answers: Promise<boolean>): Promise<boolean> {
  const ended = new AbortController()
  const late = sleep(PATIENCE_MS, false, { signal: ended.signal }).catch(() => false)
  return Promise.race([answers.catch(() => false), late]).finally(() => ended.abort())
}

async function readHealth({ store, queue }: HttpServices) {
  const [table, queues] = await Promise.all([inTime(store.answers()), inTime(queue.answers())])
  return { version: about.version, ok: table && queues, table, queues }
}

/** So long an answer is given again: anybody may ask. */
const REMEMBERED_MS = 5000

type Answered = Awaited<ReturnType<typeof readHealth>>
const remembered = new WeakMap<HttpServices['store'], { at: number; answer: Promise<Answered> }>()

/** The answer of a moment ago, or a new one: concurrent requests share one read of the table. */
function rememberedHealth(services: HttpServices): Promise<Answered> {
  const now = services.now()
  const last = remembered.get(services.store)
  if (last && now >= last.at && now - last.at < REMEMBERED_MS) return last.answer
  const answer = readHealth(services)
  remembered.set(services.store, { at: now, answer })
  return answer
}

/** One try; `null` when another edit came between. */
async function saveSettings(
  body: SettingsBody,
  actor: string,
  services: HttpServices,
): Promise<Settings | null> {
  const { store } = services
  const before = await store.keptSettings()
  const isOff = 'startsEnabled' in before && before.startsEnabled === false
  const after: Settings = { ...body, startsEnabled: body.startsEnabled ?? !isOff }
  if (isSame(before, after)) return after
  const [of, what] = [{ kind: 'settings' }, 'edited'] as const
  const saved = await saveWithAudit({ of, what, actor, before, after, version: 0 }, services, change =>
    store.saveSettings(after, change),
  )
  return saved && after
}

export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/health',
    operation: 'health',
    examples: SERVICE_EXAMPLES.health,
    summary: 'Whether the table and the queues answer',
    description:
      'As it was seen in the last five seconds; 200 whatever answers. `ok` says whether all of it does.',
    answers: { 200: { description: 'What answers.', schema: Health } },
    open: true,
    run: async (_, services) => jsonAnswer(await rememberedHealth(services)),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/settings',
    operation: 'settings',
    examples: SERVICE_EXAMPLES.settings,
    summary: 'The settings of the whole installation',
    description: 'One document for all connections and policies.',
    answers: { 200: { description: 'The settings.', schema: SettingsDocument } },
    run: async (_, { store }) => jsonAnswer(await store.settings()),
  }),
  defineRoute({
    method: 'PUT',
    needs: 'admin',
    path: '/v1/settings',
    operation: 'saveSettings',
    examples: SERVICE_EXAMPLES.saveSettings,
    summary: 'Switch all stops off, or on again',
    description:
      'With `stopsEnabled: false` nothing is stopped by anyone within a minute, with `startsEnabled: false` nothing started.',
    body: { schema: SettingsBody },
    answers: { 200: { description: 'The settings as they are now.', schema: SettingsDocument } },
    run: async ({ body, actor }, services) => {
      return jsonAnswer(await retryOnConflict(() => saveSettings(body, actor, services)))
    },
  }),
]
