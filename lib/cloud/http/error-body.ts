/** What the body of an answer says went wrong, whatever its shape. */
interface ErrorBody {
  code: string | null
  message: string
  /** The more precise code inside: of `details`, or of an error that `message` carries as JSON. */
  innerCode: string | null
}

type Json = Record<string, unknown>

const MAX_MESSAGE = 500
/** A gateway's page may be long: the ids of our servers are looked for in its beginning. */
const MAX_SEARCHED = 1_000_000

const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOrNull = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null
/** Numbers, and texts such as `404 Not Found`, only repeat the HTTP status. */
const codeText = (value: unknown): string | null => {
  const code = textOrNull(value)
  return code !== null && /^[a-z][\w.-]{0,63}$/i.test(code) ? code : null
}

/** `undefined` where the text is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The error that an answer's JSON holds, in any of the shapes of ECS, BMS, IAM, Nova and the API gateway; else `null`. */
export function errorIn(json: unknown): ErrorBody | null {
  if (!isJsonObject(json)) return null
  const own = parseError(json, null)
  if (own !== null) return own
  for (const [name, value] of Object.entries(json)) {
    const nested = isJsonObject(value) ? parseError(value, name) : null
    if (nested !== null) return nested
  }
  return null
}

/** Nova names a fault by the member that holds it: `{"itemNotFound": {"code": 404, …}}`; elsewhere that is `error`. */
function parseError(json: Json, name: string | null): ErrorBody | null {
  const message =
    textOrNull(json.error_msg) ??
    textOrNull(json.errorMsg) ??
    textOrNull(json.errorMessage) ??
    textOrNull(json.message)
  const own = codeText(json.error_code) ?? codeText(json.errorCode) ?? codeText(json.code)
  if (own === null && message === null) return null
  const wrapped = errorIn(jsonOf(message ?? ''))
  const detail = detailOf(json)
  return {
    code: own ?? (name === 'error' ? null : name),
    message: [wrapped?.message ?? message, detail?.message].filter(Boolean).join(' '),
    innerCode: detail?.code ?? wrapped?.innerCode ?? wrapped?.code ?? null,
  }
}

const detailOf = ({ details }: Json): ErrorBody | null =>
  Array.isArray(details)
    ? (details.map(detail => (isJsonObject(detail) ? parseError(detail, null) : null)).find(Boolean) ?? null)
    : null

/** A body as people can read it: a page without its markup. */
export const plainText = (body: string): string =>
  body
    .slice(0, MAX_SEARCHED)
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')

export function shortenMessage(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim()
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line
}

/** Which of the ids the body names, as whole words. */
export function idsNamedIn(body: string, ids: string[]): string[] {
  // JSON within JSON escapes its quotes and line ends.
  const plain = body.slice(0, MAX_SEARCHED).replace(/\\+[nrt"/]/g, ' ')
  const words = new Set(plain.split(/[^\w-]+/))
  return ids.filter(id => words.has(id))
}
