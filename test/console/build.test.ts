import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { buildConsole } from '../../infra/build/console.ts'
import { aFolder } from '../local/children.ts'

const MAX_GZIPPED_BYTES = 61_000

const contents = async (folder: string) =>
  Promise.all(
    (await readdir(folder)).toSorted().map(async name => [name, await readFile(join(folder, name))] as const),
  )

test('the whole console is at most 61 kB gzipped', async () => {
  const folder = await aFolder()
  await buildConsole(folder)
  const sizes = (await contents(folder)).map(([, bytes]) => gzipSync(bytes).length)
  expect(sizes).toHaveLength(5)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_GZIPPED_BYTES)
})

test('the same source gives the same bytes, whatever lay in the folder', async () => {
  const folders = [await aFolder(), await aFolder()]
  for (const folder of folders) await buildConsole(folder)
  await buildConsole(folders[1]!)
  const [first, second] = await Promise.all(folders.map(contents))
  expect(first).toEqual(second)
})

test('the page holds no script and no style of its own, and names its files by what is in them', async () => {
  const folder = await aFolder()
  const names = await buildConsole(folder)
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  expect(page).not.toMatch(/<style|style="|<script[^>]*>[^<]|\son\w+=/)
  // The login at an issuer is loaded where there is one.
  const atOnce = names.filter(one => !/^(index\.html|oidc-.*)$/.test(one))
  expect(atOnce).toHaveLength(3)
  for (const name of atOnce) expect(page).toContain(`/console/${name}`)
})
