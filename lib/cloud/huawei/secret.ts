/** The access key of a connection, as it is kept as a secret. */
import * as z from 'zod'
import { expectedJson, PrintableText, type SecretVariables } from '../secret.ts'

/** A permanent access key, or a temporary one with its token. */
const AccessKey = z.object(
  { accessKey: PrintableText, secretKey: PrintableText, securityToken: PrintableText.optional() },
  expectedJson('accessKey and secretKey'),
)

export type AccessKey = z.infer<typeof AccessKey>

export const ACCESS_KEY_VARIABLES: SecretVariables = {
  names: {
    accessKey: 'HUAWEICLOUD_SDK_AK',
    secretKey: 'HUAWEICLOUD_SDK_SK',
    securityToken: 'HUAWEICLOUD_SDK_SECURITY_TOKEN',
  },
  hint: named => `${named('accessKey', 'secretKey')}, and ${named('securityToken')} for a temporary key`,
}
export const ACCESS_KEY = { schema: AccessKey, variables: ACCESS_KEY_VARIABLES }
