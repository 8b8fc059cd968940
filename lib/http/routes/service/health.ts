/** Routes of the service's health and its settings. */
import { isSame } from '../../../core/documents/documents.ts'
import type { Settings } from '../../../core/model/model.ts'
import { NO_PRICES, Prices } from '../../../core/model/prices/prices.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { saveWithAudit } from '../../edits/changed.ts'
import { retryOnConflict } from '../../edits/edit.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { Health, SettingsBody, SettingsDocument, Well } from '../../schemas/schemas.ts'
import { SERVICE_EXAMPLES } from './examples.ts'
import { rememberedHealth, throwUnlessWell } from './well.ts'

/** The settings after an edit: what it leaves out stays as it is, as far as that can be read. */
function settingsAfter(before: object, body: SettingsBody): Settings {
  const { startsEnabled, prices }: Record<string, unknown> = { ...before }
  return {
    ...body,
    startsEnabled: body.startsEnabled ?? startsEnabled !== false,
    prices: body.prices ?? Prices.safeParse(prices).data ?? NO_PRICES,
  }
}

/** One try; `null` when another edit came between. */
async function saveSettings(
  body: SettingsBody,
  actor: string,
  services: HttpServices,
): Promise<Settings | null> {
  const { store } = services
  const before = await store.keptSettings()
  const after = settingsAfter(before, body)
  if (isSame(before, after)) return after
  const edit = { of: { kind: 'settings' }, what: 'edited', actor, before, after, version: 0 } as const
  const saved = await saveWithAudit(edit, services, change => store.saveSettings(after, change))
  return saved && after
}

export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/health',
    operation: 'health',
    examples: SERVICE_EXAMPLES.health,
    summary: 'Whether the table and the queues answer, and ticks come',
    description:
      'As it was seen in the last five seconds; 200 whatever answers. `ok` says whether all is well.',
    answers: { 200: { description: 'What answers.', schema: Health } },
    open: true,
    run: async (_, services) => jsonAnswer(await rememberedHealth(services)),
  }),
  defineRoute({
    method: 'GET',
    path: '/livez',
    operation: 'livez',
    examples: SERVICE_EXAMPLES.livez,
    summary: 'Whether the table answers and ticks come, by status',
    description:
      'For whoever starts Curfew again where it is not so. As it was seen in the last five seconds.',
    answers: { 200: { description: 'It lives.', schema: Well } },
    problems: { 503: 'What does not.' },
    open: true,
    run: async (_, services) => {
      throwUnlessWell(await rememberedHealth(services), ['table', 'ticks'])
      return jsonAnswer({ ok: true })
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/readyz',
    operation: 'readyz',
    examples: SERVICE_EXAMPLES.readyz,
    summary: 'Whether all is well, by status',
    description: 'What `/v1/health` says in `ok`, for programs that look at the status alone.',
    answers: { 200: { description: 'All is well.', schema: Well } },
    problems: { 503: 'What is not.' },
    open: true,
    run: async (_, services) => {
      throwUnlessWell(await rememberedHealth(services), ['table', 'queues', 'ticks'])
      return jsonAnswer({ ok: true })
    },
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
    summary: 'Switch all stops off, or on again; say where prices come from',
    description:
      'With `stopsEnabled: false` nothing is stopped by anyone within a minute, with `startsEnabled: false` nothing started. What a new price changes is what is stopped from then on (docs/prices.md).',
    body: { schema: SettingsBody },
    answers: { 200: { description: 'The settings as they are now.', schema: SettingsDocument } },
    run: async ({ body, actor }, services) => {
      return jsonAnswer(await retryOnConflict(() => saveSettings(body, actor, services)))
    },
  }),
]
