/** The page behind a link of a warning. Looking at it changes nothing, however often a scanner does; its button acts once. */
import * as z from 'zod'
import { linkActor, linkState, pressedPolicy } from '../../../core/documents/links/press.ts'
import type { StoredPolicy } from '../../../core/model/model.ts'
import { printable } from '../../../core/model/printable.ts'
import type { Run } from '../../../core/model/run.ts'
import { linkName, type SnoozeLink } from '../../../core/notify/snooze-link.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { retryOnConflict } from '../../edits/edit.ts'
import { readableBefore } from '../../edits/run-under-way.ts'
import { type Answer, type Asked, defineRoute, type Route } from '../../route.ts'
import { replacePolicy } from '../policies/policies.ts'
import { linkPage, unknownPage } from './page.ts'
import { acceptedLanguage } from './words.ts'

/** Of one stop: a policy may have a run for each of its connections. */
const MAX_RUNS = 20

const Token = z.object({ token: z.string().nullable() })
const Pressed = z.strictObject({
  name: z.string().max(100).default('').describe('Of who presses the button, where it was given.'),
})
const description = 'How the stop stands, as a page.'
const answers = { 200: { description, schema: z.string(), contentType: 'text/html' } }
const shared = { path: '/snooze/{token}', params: Token, answers, open: true as const }

type AskedLink = Pick<Asked<z.infer<typeof Token>>, 'params' | 'headers'>

/** Does something with the link that a token is; whatever is no link of ours gets the same answer. */
async function withLink(
  { params, headers }: AskedLink,
  { readLink }: HttpServices,
  work: (link: SnoozeLink) => Promise<Answer>,
): Promise<Answer> {
  const link = params.token === null ? null : await readLink(params.token)
  return link ? work(link) : unknownPage(acceptedLanguage(headers['accept-language']) ?? 'en')
}

async function readState(link: SnoozeLink, services: HttpServices) {
  const { store, now } = services
  const [policy, warning] = await Promise.all([readableBefore(link.policyId, services), store.warning(link)])
  return { policy, state: linkState(policy, link, { now: now(), use: warning?.used[linkName(link)] }) }
}

async function runsOfStop({ policyId, stopAt }: SnoozeLink, { store }: HttpServices): Promise<Run[]> {
  const { items } = await store.runs({ policyId, since: stopAt, until: stopAt, most: MAX_RUNS })
  return items.filter(({ trigger, action }) => trigger === 'schedule' && action === 'stop')
}

async function showLink(
  link: SnoozeLink,
  headers: Asked['headers'],
  services: HttpServices,
): Promise<Answer> {
  const seen = await readState(link, services)
  const runs = seen.state.kind === 'late' ? await runsOfStop(link, services) : []
  const language = acceptedLanguage(headers['accept-language']) ?? link.language
  return linkPage({ ...seen, link, language, runs })
}

/** One try; `null` when another edit, or the tick, came between. */
async function pressLink(link: SnoozeLink, name: string, services: HttpServices): Promise<true | null> {
  const { store, now } = services
  const { policy, state } = await readState(link, services)
  if (policy === null || state.kind !== 'open') return true
  const actor = linkActor(link, printable(name.trim()))
  const after = pressedPolicy(policy, link, { actor, now: now() })
  if (!(await savePressed(policy, after, { actor }, services))) return null
  // After the act: a crash in between leaves a link that would act again only once what it did was taken back.
  await store.noteLinkUse(link, linkName(link), { at: isoInstant(now()), actor })
  return true
}

const savePressed = (
  before: StoredPolicy,
  after: StoredPolicy,
  asked: Pick<Asked, 'actor'>,
  services: HttpServices,
) => {
  const what = after.snoozedUntil === before.snoozedUntil ? 'delayed' : 'snoozed'
  return replacePolicy({ before, after, what }, asked, services)
}

export const linkRoutes: Route[] = [
  defineRoute({
    ...shared,
    method: 'GET',
    operation: 'snoozeLink',
    summary: 'The page behind a link of a warning',
    description: 'With one button, where that may still do what the link says. Looking changes nothing.',
    run: (asked, services) => withLink(asked, services, link => showLink(link, asked.headers, services)),
  }),
  defineRoute({
    ...shared,
    method: 'POST',
    needs: 'operate',
    operation: 'pressSnoozeLink',
    summary: 'What the button of that page sends',
    description: 'It acts once; sent again, it shows what is.',
    body: { schema: Pressed, form: true },
    run: (asked, services) =>
      withLink(asked, services, async link => {
        await retryOnConflict(() => pressLink(link, asked.body.name, services))
        return showLink(link, asked.headers, services)
      }),
  }),
]
