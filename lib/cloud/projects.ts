/** Projects as Keystone lists them, and IAM, which is made after it. */
import * as z from 'zod'

const WireProject = z.object({
  id: z.string().min(1),
  name: z.string(),
  enabled: z.boolean().nullish(),
  is_domain: z.boolean().nullish(),
})

/** Identity API v3, "Get available project scopes"; IAM API reference, "Listing Projects Accessible to an IAM User". */
export const ProjectList = z
  .object({
    projects: z.array(WireProject),
    links: z
      .object({ next: z.null({ error: 'expected the whole list, and it goes on' }).optional() })
      .nullish(),
  })
  .transform(({ projects }) =>
    projects
      // An account is listed as a project of itself.
      .filter(({ is_domain: isDomain }) => isDomain !== true)
      .map(({ id, name, enabled }) => ({ id, name, isEnabled: enabled !== false })),
  )
