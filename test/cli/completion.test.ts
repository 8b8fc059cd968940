import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { typed } from './terminal.ts'

const isThere = (shell: string): boolean =>
  (process.env.PATH ?? '').split(':').some(folder => existsSync(`${folder}/${shell}`))
const script = async (shell: string): Promise<string> => (await typed(['completion', shell])).out

/** What bash would complete; the last word is the one that is typed. */
async function completedByBash(...line: string[]): Promise<string[]> {
  const words = line.map(word => `'${word}'`).join(' ')
  const asked = `COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _curfew; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', `${await script('bash')}\n${asked}`])
  return stdout.trim().split('\n')
}

describe.skipIf(!isThere('bash'))('bash completes', () => {
  test.each([
    [
      ['curfew', 'un'],
      ['undo', 'unsnooze'],
    ],
    [['npx', 'curfew', 'conn'], ['connections']],
    [['curfew', 'connections', 'ch'], ['check']],
    [['curfew', 'policies', 'diff', '--pru'], ['--prune']],
    [['curfew', 'runs', '--st'], ['--status']],
    [['curfew', 'savings', 'reconcile', '--mon'], ['--month']],
    [
      ['curfew', 'runs', '--status', 'p'],
      ['pending', 'partial'],
    ],
    [['curfew', 'completion', 'z'], ['zsh']],
    [['npx', 'cowsay', 'un'], ['']],
  ])('%j by %j', async (line, expected) => {
    expect(await completedByBash(...line)).toEqual(expected)
  })
})

describe.skipIf(!isThere('zsh'))('zsh', () => {
  test('knows the same words', async () => {
    const asked = `compdef() { : }\n${await script('zsh')}\n_curfew_words connections`
    const { stdout } = await promisify(execFile)('zsh', ['-fc', asked])
    expect(stdout.trim().split(' ')).toEqual(['list', 'check', 'discover', '--help'])
  })
})

test('another shell is refused, and the ones that are known are named', async () => {
  const { code, err } = await typed(['completion', 'fish'])
  expect([code, err]).toEqual([2, expect.stringContaining('Allowed choices are bash, zsh')])
})
