/** How the routes are grouped in the OpenAPI document. */
import type { Route } from '../route.ts'

/** `policies` of `/v1/policies/{id}`, `docs` of `/docs`. */
export const routeTagOf = ({ path }: Route): string => path.replace(/^\/v1/, '').split('/')[1]!

/** What the routes of a tag are about. */
const TAGS: Record<string, string> = {
  calendars: 'Events by which due times are left out, or days added.',
  channels: 'Where people are told: groups of chat tools, and receivers of webhooks.',
  connections: 'Projects in a region, and how they are reached.',
  docs: 'This API, as a page.',
  feeds: 'Calendars of due stops and starts, which others subscribe to.',
  health: 'Whether Curfew is up.',
  livez: 'Whether Curfew is up, by status.',
  now: 'What is next, goes on, has ended, and needs a person.',
  'openapi.json': 'This API, as a document for programs.',
  policies: 'What is stopped and started, and when.',
  preview: 'What a policy would do.',
  readyz: 'Whether all of Curfew is well, by status.',
  runs: 'What was stopped or started, and what became of each server.',
  savings: 'What stops saved, as looks proved it.',
  schemas: 'Schemas for editors.',
  servers: 'Servers of all connections, as they are now.',
  settings: 'Switches of the whole installation.',
  week: 'Every policy in a week: what is due, and what was.',
}
export const describedTags = (routes: Route[]) =>
  [...new Set(routes.map(routeTagOf))].map(name => ({
    name,
    description: TAGS[name] ?? `All about ${name}.`,
  }))
