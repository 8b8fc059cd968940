/** The line's other door: makes runs, and shows what the table holds. What each route does stands in lib/http/routes. */
import { httpHandler } from '../lib/http/handler.ts'
import { ROUTES } from '../lib/http/routes.ts'

export const handler = httpHandler(ROUTES)
