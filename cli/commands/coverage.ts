/** `coverage`: servers that no policy would ever stop. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { Coverage } from '../../lib/http/schemas/coverage-schemas.ts'
import { createApi } from '../api.ts'
import { tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type JsonOption, limitOption, type Session, showAnswer, withJson } from '../session.ts'
import { showUnreachable } from './servers.ts'

type CoverageAnswer = z.infer<typeof Coverage>

interface CoverageOptions extends JsonOption {
  connection?: string
  limit: number
}

const TAGS_SHOWN = 10

export function addCoverage(program: Command, session: Session): void {
  withJson(program.command('coverage'))
    .description(
      'servers that no enabled policy would ever stop, and the policy that would cover most of them',
    )
    .option('--connection <id>', 'those of this connection')
    .addOption(limitOption(20))
    .action(
      action(session, async ({ limit, connection, json }: CoverageOptions) => {
        const { terminal } = session
        const query = connection === undefined ? {} : { connection }
        const { value, raw } = await createApi(terminal).get(Coverage, '/v1/coverage', { query })
        const forPeople = () => showCoverage(value, limit, terminal)
        showAnswer(terminal, json ? { json } : {}, { raw, forPeople })
        return 0
      }),
    )
}

function showCoverage(coverage: CoverageAnswer, limit: number, terminal: Terminal): void {
  const { summary, uncovered, suggestion } = coverage
  const { print } = terminal
  const { servers, covered, protected: kept } = summary
  print(`${servers} servers: ${covered} covered, ${kept} protected, ${summary.uncovered} uncovered.`)
  showUncovered(uncovered.slice(0, limit), terminal)
  if (summary.uncovered > limit) print(`The first ${Math.min(limit, uncovered.length)} of them.`)
  showTags(coverage, terminal)
  if (suggestion !== null) {
    print(`This policy would cover ${suggestion.covers} of ${suggestion.of}; preview it before you save it:`)
    print(JSON.stringify(suggestion.policy, null, 2))
  }
  showUnreachable(coverage, terminal)
}

const upFor = (hours: number | null): string => {
  if (hours === null) return ''
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}

function showUncovered(servers: CoverageAnswer['uncovered'], terminal: Terminal): void {
  if (servers.length === 0) return
  const lines = tableLines(
    servers,
    [
      { title: 'NAME', text: ({ name }) => name, isCut: true },
      { title: 'ID', text: ({ serverId }) => serverId },
      { title: 'IN', text: ({ connection, kind }) => `${connection}, ${kind}`, leaves: 2 },
      { title: 'FLAVOR', text: ({ flavor }) => flavor, leaves: 1 },
      { title: 'UP FOR AT LEAST', text: ({ upSinceHours }) => upFor(upSinceHours) },
    ],
    terminal,
  )
  for (const line of lines) terminal.write(line)
}

function showTags({ byTag }: CoverageAnswer, terminal: Terminal): void {
  if (byTag.length === 0) return
  const lines = tableLines(
    byTag.slice(0, TAGS_SHOWN),
    [
      { title: 'TAG', text: ({ key, value }) => (value === '' ? key : `${key}=${value}`), isCut: true },
      { title: 'UNCOVERED SERVERS', text: ({ servers }) => String(servers) },
    ],
    terminal,
  )
  for (const line of lines) terminal.write(line)
}
