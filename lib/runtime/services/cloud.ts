/** The way to the clouds, for functions that ask them. */
import { createSecrets } from '../../aws/secrets.ts'
import type { Cloud } from '../../core/model/cloud.ts'
import type { Connection, StoredConnection } from '../../core/model/connection.ts'
import { openCloud, openUnsavedCloud } from '../open-cloud.ts'
import { createGuardedGroups, type GuardedGroups } from '../scaling-groups.ts'
import type { BaseServices } from './base.ts'

export interface CloudServices {
  /**
   * A connection's cloud, opened with its secret; refuses a key that the cloud has just refused.
   * Throws `CloudError` (credentials) where the secret is not there or not whole.
   */
  cloud: (connection: StoredConnection) => Promise<Cloud>
  /** The same for one that is not saved: a refusal neither holds its key back nor rings an alarm. */
  unsavedCloud: (connection: Connection) => Promise<Cloud>
  /** Its groups whose members must be left alone, as they were some minutes ago at most. Asked after its servers. */
  scalingGroups: GuardedGroups
}

interface Surroundings {
  /** Where a server of the cloud asks about itself; absent: where every one does. */
  metadataOrigin?: string
}

export function createCloudServices(base: BaseServices, surroundings: Surroundings = {}): CloudServices {
  const { config, now } = base
  const secrets = createSecrets({ secretsPrefix: config.secretsPrefix, now })
  const opening = { ...base, ...surroundings, secrets }
  const cloud = (connection: StoredConnection): Promise<Cloud> => openCloud(connection, opening)
  const unsavedCloud = (connection: Connection) => openUnsavedCloud(connection, opening)
  return { cloud, unsavedCloud, scalingGroups: createGuardedGroups({ cloud, now }) }
}
