/** Fills a new data folder from a backup. */
import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createStore } from '../../../lib/aws/store/store.ts'
import { newChange } from '../../../lib/core/documents/change.ts'
import { Environment } from '../../../lib/runtime/config.ts'
import { ownClient } from '../emulators/own-clients.ts'
import { fillFolder, startTable, type Table } from '../emulators/table.ts'
import type { Folder } from '../folder.ts'
import { Problem } from '../problem.ts'
import { readBackup } from './format.ts'

/**
 * Fills a new data folder from a backup. Its stops and starts are switched off: servers that people started since
 * would be stopped by what was due then. A kill on the way leaves a folder that is still new. Throws `Problem`.
 */
export async function restoreBackup(file: string, folder: Folder): Promise<{ madeAt: string; rows: number }> {
  const table = join(folder.path, 'table')
  if (folder.state() !== null)
    throw new Problem(`--restore: expected a new data folder, and ${folder.path} holds something already`, {
      exitCode: 2,
    })
  const { madeAt, state, rows } = await readBackup(await contents(file), file)
  const halfway = `${table}.new`
  rmSync(table, { recursive: true, force: true })
  rmSync(halfway, { recursive: true, force: true })
  const count = await fillFolder(halfway, rows).catch(error => {
    rmSync(halfway, { recursive: true, force: true })
    throw error
  })
  await switchOff(halfway)
  renameSync(halfway, table)
  folder.saveState(state)
  return { madeAt, rows: count }
}

async function contents(file: string): Promise<Readable> {
  try {
    return (await open(file)).createReadStream()
  } catch (cause) {
    throw new Problem(
      `--restore: ${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      {
        exitCode: 2,
        cause,
      },
    )
  }
}

async function switchOff(folder: string): Promise<void> {
  const table = await startTable({ folder })
  const dynamo = new DynamoDBClient(ownClient(table.endpoint))
  try {
    await saveSwitches(dynamo, table)
  } finally {
    dynamo.destroy()
    await table.close()
  }
}

async function saveSwitches(dynamo: DynamoDBClient, { tableName }: Table): Promise<void> {
  const now = () => Date.now()
  const retentionDays = Environment.shape.RUN_RETENTION_DAYS.parse(undefined)
  const store = createStore({ dynamo, tableName, retentionDays, now, unique: () => randomUUID() })
  const before = await store.settings()
  const after = { ...before, stopsEnabled: false, startsEnabled: false }
  const change = newChange({ what: 'edited', actor: 'local', before, after, version: 0 }, now())
  await store.saveSettings(after, change)
}
