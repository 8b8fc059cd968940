/** What the policy would do as it stands in the form, before it is saved. */
import { useState } from 'preact/hooks'
import type { Preview } from '../../api/types.ts'
import { Card } from '../../parts/card.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { ActionChoice, NextTimes, PreviewBody } from '../preview.tsx'
import { type PreviewShown, usePreviewOf } from '../preview-answer.ts'
import type { Draft } from './draft.ts'
import { isJsonObject, type JsonObject } from './json-text.ts'

/** After the last key that was pressed. */
const WAIT_MS = 600

type LiveAction = Preview['dueTimes'][number]['action']

interface LivePreviewShown extends PreviewShown {
  action: LiveAction
  choose(action: LiveAction): void
}

/** As long as the API takes. */
const MAX_DESCRIPTION = 1000

/**
 * What of a document a preview depends on: not on a description, whose every letter would have the cloud listed again,
 * nor on a name that is not chosen yet. `null` while nothing says which servers it is about.
 */
function previewedDocument({ id = '', description = '', ...rest }: JsonObject): JsonObject | null {
  const { connection, selector } = rest
  const isAboutNone = isJsonObject(selector) && Object.keys(selector).length === 0
  if (connection === '' || isAboutNone) return null
  const isFine = typeof description === 'string' && description.length <= MAX_DESCRIPTION
  return { ...(id === '' ? {} : { id }), ...(isFine ? {} : { description }), ...rest }
}

export function useLivePreview({ document }: Draft): LivePreviewShown {
  const [action, choose] = useState<LiveAction>('stop')
  const path = action === 'stop' ? '/v1/preview' : '/v1/preview?action=start'
  const body = previewedDocument(document)
  return { ...usePreviewOf(body && { path, body }, WAIT_MS), action, choose }
}

const ABOUT_NONE = 'Say which servers it is about: then you see here whom it would stop, and when.'

function statusOf({ isBusy, isOld, error, data }: PreviewShown, { problem, document }: Draft): string {
  const asOf = data === null ? '' : 'As of the text before. '
  if (previewedDocument(document) === null) return `${asOf}${ABOUT_NONE}`
  if (problem !== null) return `${asOf}The JSON cannot be read.`
  if (isBusy) return `${isOld ? asOf : ''}Asking the cloud …`
  if (error?.status === 422 || error?.status === 400) return `${asOf}What is wrong is said at the fields.`
  return isOld ? asOf : ''
}

export function LivePreview({ shown, draft }: { shown: LivePreviewShown; draft: Draft }) {
  const { data, error, isBusy, action, choose, reload } = shown
  const { document } = draft
  const isRefused = error?.status === 422 || error?.status === 400
  const { connection, schedule } = document
  const timeZone = zoneOf(schedule) ?? 'UTC'
  return (
    <Card title="What it would do" aside={<ActionChoice action={action} onChoose={choose} />}>
      <p class="soft" role="status">
        {statusOf(shown, draft)}
      </p>
      {error && !isRefused && !isBusy && <ProblemBox error={error} retry={reload} />}
      {data && (
        <>
          <PreviewBody
            preview={data}
            action={action}
            policy={typeof connection === 'string' ? { connection } : {}}
          />
          <h3>The next ten times</h3>
          <NextTimes preview={data} timeZone={timeZone} />
        </>
      )}
    </Card>
  )
}

/** `null` for a zone that this browser does not know. */
function zoneOf(schedule: unknown): string | null {
  const { timeZone } = (schedule ?? {}) as { timeZone?: unknown }
  try {
    return typeof timeZone === 'string' && timeZone !== ''
      ? new Intl.DateTimeFormat('en', { timeZone }) && timeZone
      : null
  } catch {
    return null
  }
}
