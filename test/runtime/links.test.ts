import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LinkKeys } from '../../lib/core/notify/link-key.ts'
import type { SnoozeLink } from '../../lib/core/notify/snooze-link.ts'
import type { BaseServices } from '../../lib/runtime/services/base.ts'
import { createLinkServices } from '../../lib/runtime/services/links.ts'
import { at, START } from '../makers.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Keys as a table keeps them, over a clock that tests move. */
function installation() {
  const kept = { keys: [] as LinkKeys, now: START, made: 0 }
  const store = {
    linkKeys: async () => kept.keys,
    async saveLinkKeys(keys: LinkKeys, [newest]: LinkKeys) {
      if (kept.keys[0]?.id !== newest?.id) return false
      kept.keys = keys
      return true
    },
  }
  const base = {
    store,
    now: () => kept.now,
    unique: () => `${String(++kept.made).padStart(8, 'k')}-0000`,
    config: { publicUrl: 'https://curfew.example' },
  } as unknown as BaseServices
  const services = createLinkServices(base)
  const tokenOf = async (link: SnoozeLink) =>
    (await services.linkSigner())(link).slice('https://curfew.example/snooze/'.length)
  return { kept, tokenOf, readLink: services.readLink }
}

const aLink = (overrides: Partial<SnoozeLink> = {}): SnoozeLink => ({
  policyId: 'nightly-dev',
  stopAt: at(START + 8 * HOUR),
  action: 'one-hour',
  channel: 'ops',
  language: 'en',
  ...overrides,
})

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/)
const links = fc.record({
  policyId: id,
  stopAt: fc.integer({ min: 0, max: 60 * 24 * 365 }).map(minute => at(START + minute * 60_000)),
  action: fc.constantFrom('not-tonight', 'one-hour', 'three-hours'),
  channel: id,
  language: fc.constantFrom('en', 'zh'),
}) as fc.Arbitrary<SnoozeLink>

describe('a token', () => {
  property.prop([links])(
    'is read as the link that it was made of, and no chat tool cuts it short',
    async link => {
      const { tokenOf, readLink } = installation()
      const token = await tokenOf(link)
      expect(token).toMatch(/^[\w.-]{1,200}$/)
      expect(await readLink(token)).toEqual(link)
    },
  )

  property.prop([links, fc.nat(), fc.constantFrom(...'abcxyz0139-_.AZnez')])(
    'of which any one character is another opens nothing',
    async (link, place, character) => {
      const { tokenOf, readLink } = installation()
      const token = await tokenOf(link)
      const at = place % token.length
      const other = `${token.slice(0, at)}${character}${token.slice(at + 1)}`
      expect((await readLink(other)) !== null).toBe(other === token)
    },
  )

  property.prop([links, links])('opens nothing but its own link', async (one, other) => {
    const { tokenOf, readLink } = installation()
    const [text, signature] = [await tokenOf(one), await tokenOf(other)]
    const forged = [...text.split('.').slice(0, -1), signature.split('.').at(-1)].join('.')
    expect((await readLink(forged)) !== null).toBe(forged === text)
  })

  property.prop([fc.string({ maxLength: 300 })])('is no text that somebody thought of', async text => {
    expect(await installation().readLink(text)).toBeNull()
  })

  test('counts until two days after its stop', async () => {
    const { kept, tokenOf, readLink } = installation()
    const token = await tokenOf(aLink())
    kept.now = START + 8 * HOUR + 2 * DAY - 1
    expect(await readLink(token)).toEqual(aLink())
    kept.now++
    expect(await readLink(token)).toBeNull()
  })
})

describe('keys', () => {
  test('are made when the first link is signed, one by however many at once', async () => {
    const { kept, tokenOf, readLink } = installation()
    expect(await readLink('kkkkkkk1.nightly-dev.tovbk0.n.ops.en.toz0w0.7UD7ZfvS3IiU-AevfqilTg')).toBeNull()
    expect(kept.keys).toEqual([])
    const tokens = await Promise.all([tokenOf(aLink()), tokenOf(aLink()), tokenOf(aLink())])
    expect(new Set(tokens).size).toBe(1)
    expect(kept.keys).toHaveLength(1)
  })

  test('sign for thirty days, are known for as long as their links count, and are forgotten then', async () => {
    const { kept, tokenOf, readLink } = installation()
    await tokenOf(aLink())
    kept.now = START + 30 * DAY - 1
    const last = aLink({ stopAt: at(START + 31 * DAY) })
    const token = await tokenOf(last)
    expect(kept.keys).toHaveLength(1)
    kept.now = START + 30 * DAY
    const next = await tokenOf(last)
    expect(next).not.toBe(token)
    expect(kept.keys).toHaveLength(2)
    kept.now = START + 33 * DAY - 1
    expect(await Promise.all([readLink(token), readLink(next)])).toEqual([last, last])
    kept.now = START + 60 * DAY
    await tokenOf(last)
    expect(kept.keys.map(({ createdAt }) => createdAt)).toEqual([at(START + 60 * DAY), at(START + 30 * DAY)])
  })
})
