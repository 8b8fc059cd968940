/** Policies as files: shows what would change, or changes it. */
import { parseArgs } from 'node:util'
import { CalledWrongly, curfewUrl, type Variables } from './authorize.ts'
import { type Edit, editsTo, shownEdits } from './edits.ts'
import { FileProblems, policiesOf } from './files.ts'
import { createRemote, type Remote } from './remote.ts'

const USAGE = `Usage: npx curfew policies diff FILE…
       npx curfew policies apply FILE… [--prune]

Policies in YAML or JSON, many documents to a file. diff shows what would change, apply changes it.
--prune   also deletes the policies that are not in the files
CURFEW_URL says where Curfew is, http://127.0.0.1:3000 unless set. Requests bear the token in CURFEW_TOKEN, or on
this machine that of .curfew/token; elsewhere they are signed for IAM without one.`

interface Surroundings {
  env: Variables
  print: (text: string) => void
  complain: (text: string) => void
}

interface Order {
  action: 'diff' | 'apply'
  files: string[]
  prune: boolean
}

function orderOf(args: string[]): Order | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { prune: { type: 'boolean' } },
    })
    const [action, ...files] = positionals
    if ((action !== 'diff' && action !== 'apply') || files.length === 0) return null
    return { action, files, prune: values.prune ?? false }
  } catch {
    return null
  }
}

/** Each policy by itself: one that fails does not stop the others. */
async function apply(edits: Edit[], remote: Remote, { prune }: Order): Promise<string[]> {
  const failures: string[] = []
  for (const edit of edits) {
    try {
      if (edit.kind === 'create') await remote.save(edit.policy, null)
      if (edit.kind === 'edit') await remote.save(edit.policy, edit.version)
      if (edit.kind === 'extra' && prune) await remote.remove(edit.id, edit.version)
    } catch (error) {
      failures.push(messageOf(error))
    }
  }
  return failures
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Runs the command; what the process exits with: 0 done, 1 it failed, 2 it was called wrongly. */
export async function command(args: string[], { env, print, complain }: Surroundings): Promise<number> {
  const order = orderOf(args)
  if (!order) {
    complain(USAGE)
    return 2
  }
  try {
    const wanted = policiesOf(order.files)
    if (order.prune && wanted.length === 0)
      throw new FileProblems(
        'there is no policy in the files: expected at least one, or --prune would delete them all',
      )
    const remote = createRemote(curfewUrl(env), env)
    const edits = editsTo(wanted, await remote.policies())
    print(shownEdits(edits, order))
    const failures = order.action === 'apply' ? await apply(edits, remote, order) : []
    for (const failure of failures) complain(failure)
    return failures.length > 0 ? 1 : 0
  } catch (error) {
    complain(messageOf(error))
    return error instanceof FileProblems || error instanceof CalledWrongly ? 2 : 1
  }
}
