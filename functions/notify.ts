/** Announces ended runs, delivers their webhooks, looks an hour later which servers are up again. */
import { NotifyMessage } from '../lib/core/notify/notify.ts'
import { each, queueHandler } from '../lib/runtime/handler.ts'
import { notify } from '../lib/steps/notify/notify.ts'

export const handler = queueHandler(NotifyMessage, each(notify))
