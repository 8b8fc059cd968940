/** `diff`, `apply`, `validate` and `export`: documents as files. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { ManagedBy } from '../../lib/core/model/model.ts'
import { createApi } from '../api.ts'
import { CalledWrongly } from '../authorize.ts'
import { applyEdits, doneCounts, doneJson, doneLines, doneSummary } from '../files/apply.ts'
import { documentsOf, type FileDocument, type Reading } from '../files/documents.ts'
import { editsTo, missingReferences } from '../files/edits.ts'
import { ALL_KINDS, counted, type DocumentKind, type Fields, factsOf } from '../files/kinds.ts'
import { effectsOf } from '../files/preview.ts'
import { FileProblems } from '../files/read.ts'
import { type Compared, countOf, diffJson, diffLines } from '../files/show.ts'
import { createDocuments, type DocumentStore, type StoredDocument } from '../files/stored.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'

interface FileOptions extends JsonOption {
  as?: string
  prune?: true
  preview?: true
  exitCode?: true
}

interface FileOrder {
  paths: string[]
  options: FileOptions
  /** The kinds of documents that the files may hold, and that are compared. */
  kinds: DocumentKind[]
}

const ownerOf = ({ as: owner }: { as?: string }): string | null => {
  if (ManagedBy.safeParse(owner).success) return owner ?? null
  throw new CalledWrongly(`--as: expected a name of 1 to 64 characters, got "${owner}"`)
}

/** Problems of files are told, and the command was called wrongly. */
function readFiles({ paths, kinds }: FileOrder, of: Pick<Reading, 'owner' | 'now'>): FileDocument[] {
  try {
    return documentsOf(paths, { kinds, ...of })
  } catch (error) {
    if (error instanceof FileProblems) throw new CalledWrongly(error.message, { cause: error })
    throw error
  }
}

/** Whose documents `--prune` may delete must be said, where several kinds are meant. */
function checkPruning({ options, kinds }: FileOrder, wanted: FileDocument[]): void {
  if (!options.prune) return
  if (options.as === undefined && kinds.length > 1)
    throw new CalledWrongly('--prune: expected --as NAME with it: it deletes documents of that owner alone')
  if (wanted.length === 0)
    throw new CalledWrongly(
      'there is no document in the files: expected at least one, or --prune would delete them all',
    )
}

const storedOf = async (store: DocumentStore, kinds: readonly DocumentKind[]): Promise<StoredDocument[]> =>
  (await Promise.all(kinds.map(kind => store.list(kind)))).flat()

async function compare(
  order: FileOrder,
  store: DocumentStore,
  { now }: Terminal,
): Promise<Omit<Compared, 'effects'>> {
  const owner = ownerOf(order.options)
  const wanted = readFiles(order, { owner, now: now() })
  checkPruning(order, wanted)
  const stored = await storedOf(store, ALL_KINDS)
  const mine = stored.filter(({ kind }) => order.kinds.includes(kind))
  const edits = editsTo(wanted, mine, { owner, prune: order.options.prune ?? false })
  return { edits, missing: missingReferences(edits, stored) }
}

async function diff(order: FileOrder, terminal: Terminal): Promise<ExitCode> {
  const { options } = order
  const found = await compare(order, createDocuments(terminal), terminal)
  const effects = options.preview ? await effectsOf(found.edits, createApi(terminal)) : new Map()
  const compared = { ...found, effects }
  const forPeople = () => terminal.print(diffLines(compared).join('\n'))
  showAnswer(terminal, options, { raw: diffJson(compared), forPeople })
  if (found.missing.length > 0 || countOf(found.edits, 'refuse') > 0) return 1
  const isSame = !(['create', 'change', 'delete'] as const).some(does => countOf(found.edits, does) > 0)
  return options.exitCode && !isSame ? 3 : 0
}

async function apply(order: FileOrder, terminal: Terminal): Promise<ExitCode> {
  const { options } = order
  const store = createDocuments(terminal)
  const { edits } = await compare(order, store, terminal)
  const all = await applyEdits(edits, store, done => {
    if (!options.json) for (const line of doneLines(done)) terminal.print(line)
    if (done.message !== undefined) terminal.complain(done.message)
  })
  showAnswer(terminal, options, { raw: doneJson(all), forPeople: () => terminal.print(doneSummary(all)) })
  return doneCounts(all).failed > 0 ? 1 : 0
}

async function validate(paths: string[], options: JsonOption, terminal: Terminal): Promise<ExitCode> {
  const problemsOf = (): string[] => {
    try {
      const documents = documentsOf(paths, { kinds: ALL_KINDS, owner: null, now: terminal.now() })
      const counts = ALL_KINDS.map(kind => [documents.filter(one => one.kind === kind).length, kind] as const)
      const said = counts.filter(([count]) => count > 0).map(([count, kind]) => counted(count, kind))
      if (!options.json) terminal.print(`As they should be: ${said.join(', ') || 'no documents'}`)
      return []
    } catch (error) {
      if (error instanceof FileProblems) return error.message.split('\n')
      throw error
    }
  }
  const problems = problemsOf()
  const forPeople = () => {
    for (const problem of problems) terminal.complain(problem)
  }
  showAnswer(terminal, options, { raw: { ok: problems.length === 0, problems }, forPeople })
  return problems.length > 0 ? 1 : 0
}

interface ExportOptions extends JsonOption {
  as?: string
  force?: true
}

const HEAD = '# Made by `npx curfew export`; `npx curfew apply` takes it.\n'

const yamlOf = (documents: Fields[]): string =>
  `${HEAD}${documents.map(fields => stringify(fields, { lineWidth: 0 })).join('---\n')}`

/** A file for each kind of which there are some. Throws `CalledWrongly` for a file that is there. */
function writeFiles(folder: string, byKind: Map<DocumentKind, Fields[]>, { force }: ExportOptions): string[] {
  const files = [...byKind].map(([kind, documents]) => ({
    kind,
    documents,
    path: join(folder, `${factsOf(kind).plural}.yml`),
  }))
  const there = files.find(({ path }) => !force && existsSync(path))
  if (there) throw new CalledWrongly(`${there.path}: expected no such file yet: --force replaces it`)
  mkdirSync(folder, { recursive: true })
  for (const { path, documents } of files) writeFileSync(path, yamlOf(documents))
  return files.map(({ path, kind, documents }) => `${path}: ${counted(documents.length, kind)}`)
}

async function exportDocuments(
  folder: string | undefined,
  options: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const owner = ownerOf(options)
  const stored = await storedOf(createDocuments(terminal), ALL_KINDS)
  const wanted = stored.filter(({ fields }) => owner === null || fields.managedBy === owner)
  const byKind = new Map(
    [...Map.groupBy(wanted, ({ kind }) => kind)].map(([kind, all]) => [kind, all.map(one => one.fields)]),
  )
  const raw = Object.fromEntries([...byKind].map(([kind, all]) => [factsOf(kind).plural, all]))
  const forPeople = () => {
    if (folder === undefined) terminal.print(yamlOf(wanted.map(({ fields }) => fields)).trimEnd())
    else for (const line of writeFiles(folder, byKind, options)) terminal.print(line)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}

const FILES = 'files or folders of them, in YAML or JSON; - is the standard input'
const asOption = (description: string): Option => new Option('--as <name>', description)

/** `diff` and `apply` for some kinds. */
export function addEdits(parent: Command, session: Session, kinds: DocumentKind[]): void {
  const { terminal } = session
  const command = (name: string, description: string): Command =>
    withJson(parent.command(name).argument('<file...>', FILES).description(description))
      .addOption(asOption('whose the documents become: `managedBy`'))
      .option('--prune', "also deletes that owner's documents that are not in the files")
  command('diff', 'what would change so that the documents are as in files')
    .option('--preview', 'also how many servers each change of a policy adds, or spares')
    .option('--exit-code', 'exits 3 where something would change')
    .action(
      action(session, (paths: string[], options: FileOptions) => diff({ paths, options, kinds }, terminal)),
    )
  command('apply', 'changes it, and says what it did').action(
    action(session, (paths: string[], options: FileOptions) => apply({ paths, options, kinds }, terminal)),
  )
}

export function addFiles(program: Command, session: Session): void {
  const { terminal } = session
  addEdits(program, session, ALL_KINDS)
  withJson(program.command('validate').argument('<file...>', FILES))
    .description('checks documents of files by themselves: nobody is asked')
    .action(action(session, (paths: string[], options: JsonOption) => validate(paths, options, terminal)))
  withJson(program.command('export').argument('[folder]', 'where to: a file for each kind; absent: shown'))
    .description('the documents that are there, ready to be applied')
    .addOption(asOption('only those of this owner'))
    .option('--force', 'replaces files that are there')
    .action(
      action(session, (folder: string | undefined, options: ExportOptions) =>
        exportDocuments(folder, options, terminal),
      ),
    )
}
