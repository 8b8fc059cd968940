/** The AWS credentials of the embedded table and queues. */
import { randomBytes } from 'node:crypto'

/** Made anew in each process and kept in its memory: the embedded parts answer requests signed with it, and no others. */
export const LOCAL_AWS = {
  region: 'us-east-1',
  credentials: {
    accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(32).toString('hex'),
  },
}
