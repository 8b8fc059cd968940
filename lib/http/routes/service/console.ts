/** The console: one page and the files that it names. It shows what the API answers, and holds nothing itself. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import * as z from 'zod'
import { throwProblem } from '../../problem.ts'
import { type Answer, defineRoute, type Route } from '../../route.ts'

const PAGE = 'index.html'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The page may load its own files and ask this service, and nothing else at all. */
const CONSOLE_RULES = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
  ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')

/** A file's name holds a hash of what is in it: another content has another name. */
const FOR_EVER = 'public, max-age=31536000, immutable'

const files = new Map<string, Promise<Map<string, Uint8Array>>>()

async function readFiles(folder: string): Promise<Map<string, Uint8Array>> {
  const names = (await readdir(folder).catch(() => [])).filter(name => extname(name) in TYPES)
  return new Map(
    await Promise.all(names.map(async name => [name, await readFile(join(folder, name))] as const)),
  )
}

/** All of them, read once: they are few and small. */
function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const read = files.get(folder) ?? readFiles(folder)
  files.set(folder, read)
  return read
}

async function fileAnswer(folder: string, { name, cache }: { name: string; cache: string }): Promise<Answer> {
  const body = (await filesOf(folder)).get(name)
  if (body === undefined)
    return throwProblem(
      404,
      name === PAGE
        ? 'the console was not built here: `npm run build` makes it, and GET /docs shows the API without it'
        : 'there is no such file of the console: it may be of another version. Load the page anew',
    )
  const type = TYPES[extname(name)]!
  return {
    status: 200,
    body,
    headers: { 'content-type': type, 'cache-control': cache, 'content-security-policy': CONSOLE_RULES },
  }
}

const File = z.strictObject({ file: z.string().min(1).max(100) })

export const consoleRoutes: Route[] = [
  defineRoute({
    method: 'GET',
    path: '/',
    operation: 'console',
    summary: 'The console',
    description: 'What stops next, what happened last night, and the way to take it back, as a page.',
    answers: { 200: { description: 'The page.', schema: z.string(), contentType: 'text/html' } },
    open: true,
    run: (_, { config }) => fileAnswer(config.consoleFolder, { name: PAGE, cache: 'no-cache' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/console/{file}',
    operation: 'consoleFile',
    summary: 'A file of the console',
    description: 'Its name holds a hash of what is in it.',
    params: File,
    answers: { 200: { description: 'The file.', schema: z.string() } },
    open: true,
    run: ({ params: { file } }, { config }) =>
      fileAnswer(config.consoleFolder, { name: file, cache: FOR_EVER }),
  }),
]
