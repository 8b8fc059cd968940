/** Which servers: what a policy's selector and its `exclude` may say. */
import * as z from 'zod'

/** UUIDs and other hexadecimal ids as clouds spell them, in lower case, however they were pasted: an id in upper case would never match. */
export const normalizeServerId = (id: string): string => (/^[0-9a-f-]+$/i.test(id) ? id.toLowerCase() : id)

/** Ids stand in paths of the cloud's API: UUIDs, or hexadecimal ones without dashes. */
const ServerId = z
  .string()
  .regex(/^[0-9a-zA-Z][0-9a-zA-Z-]{0,63}$/, {
    error: 'expected the id of a server: up to 64 letters, digits and dashes',
  })
  .overwrite(normalizeServerId)
const Ids = z.array(ServerId).min(1)
/** Longer than any that a cloud takes. */
const MAX_TAG_KEY = 255
export const Tags = z
  .record(z.string().min(1).max(MAX_TAG_KEY), z.array(z.string()))
  .refine(tags => Object.keys(tags).length > 0, { error: 'expected at least one tag' })
  .meta({ minProperties: 1 })
const Name = z.string().min(1).max(256)

export const Selector = z
  .strictObject({
    ids: Ids.describe('Ids of servers.'),
    tags: Tags.describe('Every tag must be there, with any of its values; `[]` is any value.'),
    name: Name.describe('A glob: `*` is any text, `?` any one character.'),
    enterpriseProjectId: z.string().min(1).describe('The enterprise project they belong to.'),
    all: z.literal(true).describe('`true`: every server of the kind. The only way to say so.'),
  })
  .partial()
  .refine(selector => Object.values(selector).some(condition => condition !== undefined), {
    error:
      'expected at least one of ids, tags, name, enterpriseProjectId, or all: true for every server of the kind',
  })
  .meta({
    description: 'Which servers: all given conditions must hold, at least one is required.',
    minProperties: 1,
  })
export type Selector = z.infer<typeof Selector>

export const Exclude = z
  .strictObject({
    ids: Ids.describe('Ids of servers.'),
    tags: Tags.describe('A server with any of these tags and values; `[]` is any value.'),
    name: Name.describe('A glob: `*` is any text, `?` any one character.'),
  })
  .partial()
export type Exclude = z.infer<typeof Exclude>
