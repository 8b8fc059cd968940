/** The console: one page and the files that it names. It shows what the API answers, and holds nothing itself. */
import * as z from 'zod'
import about from '../../../../package.json' with { type: 'json' }
import type { HttpServices } from '../../../runtime/services/services.ts'
import { CONSOLE_PAGE, type ConsoleFiles, consoleFile, readConsoleFiles } from '../../console-files.ts'
import { throwProblem } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer, type Route } from '../../route.ts'

const folders = new Map<string, Promise<ConsoleFiles>>()

/** Read once: another deployment is another process. */
function filesOf(folder: string): Promise<ConsoleFiles> {
  const read = folders.get(folder) ?? readConsoleFiles(folder)
  folders.set(folder, read)
  return read
}

async function fileAnswer(name: string, { headers }: Asked, { config }: HttpServices): Promise<Answer> {
  const files = await filesOf(config.consoleFolder)
  const issuer = config.issuer?.url ?? null
  const found = consoleFile(files, { name, acceptEncoding: headers['accept-encoding'], issuer })
  if (found !== null) return { status: 200, ...found }
  return throwProblem(
    404,
    name === CONSOLE_PAGE
      ? 'the console was not built here: `npm run build` makes it, and GET /docs shows the API without it'
      : 'there is no such file of the console: it may be of another version. Load the page anew',
  )
}

const File = z.strictObject({ file: z.string().min(1).max(100) })
const ConsoleSettings = z.object({
  version: z.string(),
  issuer: z.string().nullable().describe('The OIDC issuer that people log in at, where there is one.'),
  clientId: z.string().nullable().describe('The client at the issuer that the console is.'),
})

export const consoleRoutes: Route[] = [
  defineRoute({
    method: 'GET',
    path: '/',
    operation: 'console',
    summary: 'The console',
    description: 'What stops next, what happened last night, and the way to take it back, as a page.',
    // An issuer sends the browser back with its answer, which is for the page alone.
    query: z.looseObject({}),
    answers: { 200: { description: 'The page.', schema: z.string(), contentType: 'text/html' } },
    open: true,
    run: (asked, services) => fileAnswer(CONSOLE_PAGE, asked, services),
  }),
  defineRoute({
    method: 'GET',
    path: '/console/settings.json',
    operation: 'consoleSettings',
    summary: 'How to log in to the console',
    description: 'What the page needs to know before anybody has logged in.',
    answers: { 200: { description: 'The settings.', schema: ConsoleSettings } },
    open: true,
    run: (_, { config: { issuer } }) =>
      jsonAnswer({
        version: about.version,
        issuer: issuer?.url ?? null,
        clientId: issuer?.clientId ?? null,
      }),
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
    run: (asked, services) => fileAnswer(asked.params.file, asked, services),
  }),
]
