/** The OpenAPI document as a page to read: plain HTML, no script, nothing from anywhere else. */

/** The part of a JSON Schema that the page shows. */
interface JsonSchema {
  description?: string
  properties?: Record<string, JsonSchema>
  anyOf?: JsonSchema[]
  [keyword: string]: unknown
}

interface Media {
  schema?: JsonSchema
  examples?: Record<string, { summary: string; value: unknown }>
}
interface PageParameter {
  in: string
  name: string
  required?: boolean
  schema?: JsonSchema
  description?: string
}
interface Operation {
  operationId: string
  summary: string
  description?: string
  parameters?: PageParameter[]
  requestBody?: { required?: boolean; content: Record<string, Media> }
  responses: Record<string, { description: string; content?: Record<string, Media> }>
}
export interface OpenApi {
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema> }
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, one => ESCAPES[one]!)
/** Text with its `code`. */
const proseHtml = (text = ''): string => escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

function typeText(schema: JsonSchema = {}): string {
  const { $ref, anyOf, items, type, enum: values, const: value, format } = schema
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1)!
    return `<a href="#${name}">${name}</a>`
  }
  if (value !== undefined) return `<code>${escapeHtml(JSON.stringify(value))}</code>`
  if (Array.isArray(values)) return values.map(one => `<code>${escapeHtml(String(one))}</code>`).join(' | ')
  if (anyOf) return anyOf.map(typeText).join(' | ')
  if (items) return `list of ${typeText(items as JsonSchema)}`
  const name = Array.isArray(type) ? type.join(' | ') : String(type ?? 'anything')
  return escapeHtml(format === undefined ? name : `${name} (${format})`)
}

function boundsText({
  minimum,
  maximum,
  exclusiveMinimum,
  minLength,
  maxLength,
  default: usual,
}: JsonSchema): string {
  const parts = [
    minimum === undefined ? '' : `at least ${minimum}`,
    exclusiveMinimum === undefined ? '' : `more than ${exclusiveMinimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    minLength === undefined || minLength === 1 ? '' : `at least ${minLength} characters`,
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    usual === undefined ? '' : `default ${JSON.stringify(usual)}`,
  ]
  return parts.filter(part => part !== '').join(', ')
}

/** What a field means, and what it may be. */
function fieldText(schema: JsonSchema, description = schema.description): string {
  const limits = [schema, ...(schema.anyOf ?? [])].map(boundsText).find(text => text !== '') ?? ''
  return [proseHtml(description), limits === '' ? '' : `<i>${escapeHtml(limits)}</i>`]
    .filter(Boolean)
    .join(' ')
}

/** A field, and those within it, as rows. */
function fieldRows(schema: JsonSchema, prefix = ''): string[] {
  const required = new Set((schema.required as string[] | undefined) ?? [])
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const inner = [field, ...(field.anyOf ?? [])].flatMap(one => fieldRows(one, `${prefix}${name}.`))
    const mark = required.has(name) ? ' <b title="required">*</b>' : ''
    return [
      `<tr><td><code>${escapeHtml(prefix + name)}</code>${mark}</td><td>${typeText(field)}</td><td>${fieldText(field)}</td></tr>`,
      ...inner,
    ]
  })
}
const tableHtml = (body: string[]): string => (body.length === 0 ? '' : `<table>${body.join('')}</table>`)

const parameterRow = ({ in: place, name, required, schema, description }: PageParameter): string =>
  `<tr><td><code>${escapeHtml(name)}</code>${required ? ' <b title="required">*</b>' : ''} <i>${place}</i></td><td>${typeText(schema)}</td><td>${fieldText(schema ?? {}, description)}</td></tr>`

const exampleBlocks = (media: Media | undefined): string =>
  Object.values(media?.examples ?? {})
    .map(
      ({ summary, value }) =>
        `<details><summary>${escapeHtml(summary)}</summary><pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre></details>`,
    )
    .join('')

function mediaHtml(content: Record<string, Media> = {}): string {
  const [first] = Object.values(content)
  if (!first?.schema) return ''
  return `${typeText(first.schema)}${tableHtml(fieldRows(first.schema))}${exampleBlocks(first)}`
}

function operationHtml(path: string, method: string, one: Operation): string {
  const answers = Object.entries(one.responses).map(
    ([status, { description, content }]) =>
      `<dt>${status}</dt><dd>${proseHtml(description)} ${mediaHtml(content)}</dd>`,
  )
  const body = one.requestBody
    ? `<h4>Body${one.requestBody.required ? '' : ', optional'}</h4>${mediaHtml(one.requestBody.content)}`
    : ''
  const parameters = tableHtml((one.parameters ?? []).map(parameterRow))
  return `<section id="${one.operationId}"><h3><b class="${method}">${method.toUpperCase()}</b> ${escapeHtml(path)}</h3>
<p>${proseHtml(one.summary)}. ${proseHtml(one.description)}</p>${parameters}${body}<details><summary>Answers</summary><dl>${answers.join('')}</dl></details></section>`
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h3{font:600 1rem ui-monospace,monospace;margin:2.5rem 0 .5rem;border-top:1px solid #8886;padding-top:1rem}h3 b{display:inline-block;min-width:4rem}
.get{color:#2a7}.put{color:#c80}.post{color:#38d}.delete{color:#d44}table{border-collapse:collapse;width:100%;margin:.5rem 0}
td{border-top:1px solid #8884;padding:.25rem .75rem .25rem 0;vertical-align:top}td:first-child{white-space:nowrap}
code,pre{font:.875em ui-monospace,monospace}pre{background:#8881;padding:.75rem;overflow:auto;max-height:24rem}summary{cursor:pointer}
@media(max-width:40rem){body{overflow-wrap:break-word}td:first-child,code{white-space:normal;overflow-wrap:anywhere}}dt{font-weight:600}nav li{font:.9rem/1.8 ui-monospace,monospace;list-style:none}nav ul{padding:0}i{opacity:.7}`

/** The page. */
export function docsPage({ info, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, here]) =>
    Object.entries(here).map(([method, one]) => ({ path, method, one })),
  )
  const links = operations.map(
    ({ path, method, one }) =>
      `<li><a href="#${one.operationId}"><b class="${method}">${method.toUpperCase()}</b> ${escapeHtml(path)}</a> ${escapeHtml(one.summary)}</li>`,
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<section id="${name}"><h3>${name}</h3><p>${proseHtml(schema.description)}</p>${tableHtml(fieldRows(schema))}</section>`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} API</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(info.title)} <small>${escapeHtml(info.version)}</small></h1>
<p>${proseHtml(info.description)} This page as a document: <a href="/v1/openapi.json">/v1/openapi.json</a>; for editors of policies: <a href="/v1/schemas/policy.json">/v1/schemas/policy.json</a>. Required fields carry a <b>*</b>.</p>
<nav><ul>${links.join('')}</ul></nav>${operations.map(({ path, method, one }) => operationHtml(path, method, one)).join('\n')}
<h2>Documents</h2>${schemas.join('\n')}</body></html>
`
}
