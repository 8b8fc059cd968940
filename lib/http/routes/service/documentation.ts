/** Routes of the OpenAPI document and the page to read it. */
import * as z from 'zod'
import about from '../../../../package.json' with { type: 'json' }
import { type Answer, defineRoute, jsonAnswer, type Route } from '../../route.ts'

const Document = z.looseObject({}).meta({ description: 'An OpenAPI 3.1 document.' })
const Schema = z.looseObject({}).meta({ description: 'A JSON Schema.' })

/** Loaded when first asked for: no other request pays for it. */
const documentOf = async (routes: Route[]) =>
  (await import('../../documentation/openapi.ts')).openApi(routes, about.version)

async function pageOf(routes: Route[]): Promise<Answer> {
  const { docsPage } = await import('../../documentation/page.ts')
  const document = JSON.parse(JSON.stringify(await documentOf(routes)))
  return { status: 200, body: docsPage(document), headers: { 'content-type': 'text/html; charset=utf-8' } }
}

/** The routes that tell of all the others; `routes` gives these, too. */
export const documentationRoutes = (routes: () => Route[]): Route[] => [
  defineRoute({
    method: 'GET',
    path: '/v1/openapi.json',
    operation: 'openapi',
    summary: 'This API, as an OpenAPI document',
    description: 'Made of the schemas that requests are validated by. It needs no authorization.',
    answers: { 200: { description: 'The document.', schema: Document } },
    open: true,
    run: async () => jsonAnswer(await documentOf(routes())),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/schemas/policy.json',
    operation: 'policySchema',
    summary: 'A policy as it stands in a file, as a JSON Schema for editors',
    description: 'An editor that knows YAML or JSON completes and checks policy files with it.',
    answers: { 200: { description: 'The schema.', schema: Schema } },
    run: async () => jsonAnswer((await import('../../documentation/json-schema.ts')).policySchema()),
  }),
  defineRoute({
    method: 'GET',
    path: '/docs',
    operation: 'docs',
    summary: 'This API, as a page',
    description:
      'Every route and document with its examples. It loads nothing from elsewhere and needs no authorization.',
    answers: { 200: { description: 'The page.', schema: z.string(), contentType: 'text/html' } },
    open: true,
    run: () => pageOf(routes()),
  }),
]
