import { execFile, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { flags } from '../../infra/local/flags.ts'
import { aFolder } from '../local/children.ts'
import { containerStages, restsOf, wordsOf } from './containerfile.ts'

const UNIT = readFileSync('infra/service/curfew.service', 'utf8')
const settingsOf = (name: string): string[] =>
  [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!)

const SERVED = { simulator: false, token: true, port: 3000, tokens: '/etc/curfew/tokens' }

describe('the unit of systemd', () => {
  test('starts what is there, with flags that it understands', () => {
    const [node = '', start = '', ...args] = settingsOf('ExecStart')[0]!.split(' ')
    for (const path of [node, start])
      expect([path, existsSync(path.replace(/^\/opt\/curfew/, '.'))]).toEqual([path, true])
    const read = flags(args)
    expect(read).toMatchObject({
      ...SERVED,
      address: '127.0.0.1',
      proxy: '127.0.0.1',
      data: '/var/lib/curfew',
    })
    expect([settingsOf('StateDirectory'), settingsOf('DynamicUser')]).toEqual([['curfew'], ['yes']])
  })

  test('has started once it is ready, and looks for that for less time than a start may take', () => {
    const [node = '', program = '', ...args] = settingsOf('ExecStartPost')[0]!.split(' ')
    for (const path of [node, program])
      expect([path, existsSync(path.replace(/^\/opt\/curfew/, '.'))]).toEqual([path, true])
    expect(args).toEqual(['--within', '60'])
  })

  test('comes again after a failure, and has as long to end as the start takes at most', () => {
    expect(settingsOf('Restart')).toEqual(['always'])
    const [, mostMs] = /MAX_ENDING_MS = (\d+)/.exec(readFileSync('infra/local/start.ts', 'utf8'))!
    expect(Number(mostMs) / 1000).toBeLessThan(Number(settingsOf('TimeoutStopSec')[0]))
    expect(settingsOf('TimeoutStopSec')).toEqual(['10'])
  })

  // Only where systemd is installed: its own tool is the judge.
  const analyze = spawnSync('systemd-analyze', ['--version'])
  test.skipIf(analyze.status !== 0)(
    "is right by systemd's own verifier, and exposed by 2.0 at most",
    async () => {
      const file = join(await aFolder(), 'curfew.service')
      await writeFile(file, UNIT.replaceAll('/opt/curfew', process.cwd()))
      const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
      const own = verified.stderr.split('\n').filter(line => line.includes('curfew.service'))
      expect(own).toEqual([])
      const args = ['security', '--offline=true', '--no-pager', '--threshold=20', file]
      await promisify(execFile)('systemd-analyze', args)
    },
  )
})

describe('the Containerfile', () => {
  const [build, final] = containerStages()

  test('has two stages, of which the last one is of another user than root, with a check of its health', () => {
    expect(containerStages()).toHaveLength(2)
    expect(restsOf(final!, 'USER')).toEqual(['node'])
    expect(restsOf(final!, 'RUN').some(one => /npm|apt/.test(one))).toBe(false)
    const [node = '', program = ''] = wordsOf(restsOf(final!, 'HEALTHCHECK')[0])
    expect([existsSync(node), existsSync(program)]).toEqual([true, true])
  })

  test('starts with flags that it understands', () => {
    expect(wordsOf(restsOf(final!, 'ENTRYPOINT')[0])[1]).toBe('infra/local/start.ts')
    const read = flags(wordsOf(restsOf(final!, 'CMD')[0]))
    expect(read).toMatchObject({ ...SERVED, address: '0.0.0.0', data: '/var/lib/curfew' })
    expect(restsOf(final!, 'VOLUME')).toEqual(['/var/lib/curfew'])
  })

  test('copies what is there: every folder of what runs', () => {
    const copied = restsOf(build!, 'COPY').flatMap(rest => rest.split(' ').slice(0, -1))
    expect(copied.filter(path => !existsSync(path))).toEqual([])
    const imported = globSync('{functions,lib,infra,cli,console}/**/*.{ts,tsx}').flatMap(path =>
      [...readFileSync(path, 'utf8').matchAll(/from '((?:\.\.\/)+[^']+)'/g)].map(([, from]) =>
        join(path, '..', from!),
      ),
    )
    const missing = imported.filter(path => !copied.some(one => path === one || path.startsWith(`${one}/`)))
    expect([...new Set(missing)].filter(path => !path.startsWith('node_modules/'))).toEqual([])
  })
})
