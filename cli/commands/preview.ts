/** `preview POLICY`: what it would do now, and when it is due. */
import { type Command, Option } from 'commander'
import type * as z from 'zod'
import { Action } from '../../lib/core/model/action.ts'
import { Preview } from '../../lib/http/schemas/preview-schemas.ts'
import { type Answered, type Api, createApi, pathOf } from '../api.ts'
import { tableLines, wrapped } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'

export type ShownPreview = z.infer<typeof Preview>

interface PreviewOptions extends JsonOption {
  action: Action
  connection?: string
}

/** `connection`: in this one of the policy's alone. */
export const previewPolicy = (
  api: Api,
  id: string,
  query: { action: Action; connection?: string | undefined },
): Promise<Answered<ShownPreview>> => api.post(Preview, pathOf('/v1/policies', id, '/preview'), { query })

export function addPreview(program: Command, session: Session): void {
  withJson(program.command('preview'))
    .argument('<policy>', 'the id of a policy')
    .description('which servers a policy would stop or start now, and when it is due; nothing is done')
    .addOption(
      new Option('--action <action>', 'what it would stop, or start').choices(Action.options).default('stop'),
    )
    .option('--connection <id>', 'of a policy with several: in this one alone')
    .action(
      action(session, async (id: string, options: PreviewOptions) => {
        const { terminal } = session
        const { value, raw } = await previewPolicy(createApi(terminal), id, {
          action: options.action,
          connection: options.connection,
        })
        const forPeople = () => {
          showTargets(value, options.action, terminal)
          showSkipped(value, terminal)
          showDueTimes(value, terminal)
        }
        showAnswer(terminal, options, { raw, forPeople })
        return 0
      }),
    )
}

/** Of servers of several connections: where each is. */
const connectionColumn = (servers: { connection?: string | undefined }[]) =>
  servers.some(({ connection }) => connection !== undefined)
    ? [{ title: 'CONNECTION', text: (one: { connection?: string | undefined }) => one.connection ?? '' }]
    : []

/** Who would be asked, what gives pause, and whether anything would be done at all. */
export function showTargets(preview: ShownPreview, does: Action, terminal: Terminal): void {
  const { write, print, styled, width } = terminal
  const { targets, summary, warnings, warningCount, blockedBy } = preview
  print(
    `Would ${does} ${summary.targets} of ${summary.matched} servers that match, and skip ${summary.skipped}.`,
  )
  if (targets.length > 0)
    for (const line of tableLines(
      targets,
      [
        { title: `WOULD ${does.toUpperCase()}`, text: ({ name }) => name, isCut: true },
        { title: 'ID', text: ({ serverId }) => serverId },
        ...connectionColumn(targets),
      ],
      terminal,
    ))
      write(line)
  if (summary.targets > targets.length) print(`and ${summary.targets - targets.length} more`)
  for (const { code, message } of warnings)
    for (const line of wrapped(`Warning, ${code}: ${message}`, width)) write(styled('yellow', line))
  if (warningCount > warnings.length) print(`and ${warningCount - warnings.length} more warnings`)
  for (const { connection, reason } of preview.unreachable ?? [])
    for (const line of wrapped(`Not counted, ${connection}: ${reason}`, width)) write(styled('red', line))
  if (blockedBy !== null)
    for (const line of wrapped(`Nothing would be done: ${blockedBy}`, width)) write(styled('red', line))
}

function showSkipped({ skipped, summary }: ShownPreview, terminal: Terminal): void {
  if (skipped.length === 0) return
  terminal.write('')
  for (const line of tableLines(
    skipped,
    [
      { title: 'WOULD SKIP', text: ({ name }) => name, isCut: true },
      { title: 'ID', text: ({ serverId }) => serverId },
      { title: 'CODE', text: ({ code }) => code },
      { title: 'REASON', text: ({ reason }) => reason, isCut: true, leaves: 1 },
    ],
    terminal,
  ))
    terminal.write(line)
  if (summary.skipped > skipped.length) terminal.print(`and ${summary.skipped - skipped.length} more`)
}

function showDueTimes({ dueTimes }: ShownPreview, terminal: Terminal): void {
  terminal.write('')
  if (dueTimes.length === 0) terminal.print('It is never due.')
  else
    for (const line of tableLines(
      dueTimes,
      [
        { title: 'DUE', text: ({ local }) => local },
        { title: 'DOES', text: one => one.action },
        {
          title: 'SKIPPED BECAUSE',
          text: ({ skippedBecause }) => skippedBecause ?? '',
          style: () => 'yellow',
          isCut: true,
        },
      ],
      terminal,
    ))
      terminal.write(line)
}
