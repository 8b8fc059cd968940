import { existsSync, globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

interface Page {
  path: string
  text: string
}

const MAX_WIDTH = 100

const pages = (): Page[] =>
  ['README.md', 'CONTRIBUTING.md', 'bench/README.md', ...globSync('docs/**/*.md')].map(path => ({
    path,
    text: readFileSync(path, 'utf8'),
  }))

/** The lines of a page, those within fences empty. */
function linesOutsideFences(text: string): string[] {
  let fenced = false
  return text.split('\n').map(line => {
    const isFence = /^\s*```/.test(line)
    if (isFence) fenced = !fenced
    return isFence || fenced ? '' : line
  })
}

/** Tables, headings and what has no space to break at may be longer. */
const mayBeLong = (line: string): boolean =>
  /^\||^#|^!\[|^\[[^\]]+\]: /.test(line) || !line.trim().slice(0, MAX_WIDTH).includes(' ')

const longLines = ({ path, text }: Page): string[] =>
  linesOutsideFences(text).flatMap((line, index) =>
    [...line].length > MAX_WIDTH && !mayBeLong(line)
      ? [`${path}:${index + 1} has ${[...line].length} characters: wrap prose at ${MAX_WIDTH}`]
      : [],
  )

/** A heading as GitHub's anchor for it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchors = (text: string): string[] =>
  linesOutsideFences(text).flatMap(line => /^#+ (.+)/.exec(line)?.slice(1).map(anchor) ?? [])

/** What is wrong with a link, such as `deploy.md#in-a-vpc`, on a page. */
function linkProblem({ path, text }: Page, link: string): string[] {
  const [file = '', fragment] = link.split('#')
  const target = file === '' ? path : posix.join(posix.dirname(path), file)
  if (!existsSync(target)) return [`${path} links to ${link}, but ${target} does not exist`]
  if (fragment === undefined) return []
  const there = anchors(file === '' ? text : readFileSync(target, 'utf8'))
  return there.includes(fragment) ? [] : [`${path} links to ${link}, but ${target} has no such heading`]
}

const brokenLinks = (page: Page): string[] =>
  [...page.text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].flatMap(([, link]) => linkProblem(page, link!))

/** Links of the form `[text][name]` whose name no line of its own defines: they are shown as brackets. */
function undefinedNames({ path, text }: Page): string[] {
  const prose = linesOutsideFences(text)
  const defined = prose.flatMap(line => /^\[([^\]]+)\]: \S+$/.exec(line)?.slice(1) ?? [])
  const used = [...prose.join('\n').matchAll(/\[[^\]]+\]\[([^\]]+)\]/g)].map(([, name]) => name!)
  return used
    .filter(name => !defined.includes(name))
    .map(name => `${path} links to [${name}], but no line "[${name}]: …" says where that is`)
}

/** `test/flow/`, `lib/core/notify/events.ts`, `functions/tick`; `plan/select` and its like are in lib/core. */
const NAMED =
  /(?:`|file:\/\/)((?:test|infra|lib|bench|cli|functions|docs|tick|plan|stop|follow|notify|model|preview|documents|schedule)\/[\w./*-]+)/g

function missingPaths({ path, text }: Page): string[] {
  const prose = text.replaceAll(/\b(?:https?:\/\/|\/v1\/)\S+/g, '')
  const exists = (name: string) =>
    [name, `${name}.ts`, `lib/core/${name}.ts`].some(one => globSync(one.replace(/\/$/, '')).length > 0)
  return [...prose.matchAll(NAMED)].flatMap(([, name]) =>
    exists(name!) ? [] : [`${path} names ${name}, but there is no such file`],
  )
}

test('prose in docs is wrapped', () => {
  expect(pages().length).toBeGreaterThan(12)
  expect(pages().flatMap(longLines)).toEqual([])
})

test('every relative link in docs leads to a file, and to a heading in it', () => {
  expect(pages().flatMap(brokenLinks)).toEqual([])
})

test('every name of a link in docs has a line that says where it leads', () => {
  expect(pages().flatMap(undefinedNames)).toEqual([])
})

test('every path named in docs exists', () => {
  expect(pages().flatMap(missingPaths)).toEqual([])
})

test('the rules find what breaks them', () => {
  const long = `${'word '.repeat(21)}end`
  const text = `# Some heading\n${long}\n| ${long} |\n\`\`\`\n${long}\n\`\`\`\n[a](gone.md) [b](#some-heading) [c](#other)\n[d][here] [e][there]\n[here]: x [there]: y\n[there]: z\n`
  const page = {
    path: 'docs/README.md',
    text: `${text}\`test/gone.ts\` and \`test/flow/\` and \`plan/select\``,
  }
  expect(longLines(page)).toEqual(['docs/README.md:2 has 108 characters: wrap prose at 100'])
  expect(brokenLinks(page)).toEqual([
    'docs/README.md links to gone.md, but docs/gone.md does not exist',
    'docs/README.md links to #other, but docs/README.md has no such heading',
  ])
  expect(undefinedNames(page)).toEqual([
    'docs/README.md links to [here], but no line "[here]: …" says where that is',
  ])
  expect(missingPaths(page)).toEqual(['docs/README.md names test/gone.ts, but there is no such file'])
})
