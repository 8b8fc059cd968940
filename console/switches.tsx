/** Whether stops and starts are on, on every screen, and the way to switch them. */
import { useEffect, useState } from 'preact/hooks'
import type { Settings } from './api/types.ts'
import { useAction } from './api/use-action.ts'
import { useAnswer } from './api/use-answer.ts'
import { Button } from './parts/button.tsx'
import { Dialog } from './parts/dialog.tsx'
import { tellDone } from './parts/notice.tsx'
import { Loaded, ProblemBox } from './parts/problem.tsx'

const MEANS = {
  stops: {
    on: 'Policies and people stop servers. Switched off, nothing is stopped by anyone within a minute: what was sent is followed to its end, the rest is skipped.',
    off: 'Nothing is stopped by anyone. Due stops pass and are recorded. Switched on, the next due stop acts again.',
  },
  starts: {
    on: 'Policies and people start servers. Switched off, nothing is started by anyone within a minute: servers that are off stay off.',
    off: 'Nothing is started by anyone: servers that are off stay off. Switched on, the next due start acts again.',
  },
}

type What = keyof typeof MEANS

const wishes = new EventTarget()

/** Opens the switches from elsewhere. */
export const openSwitches = (): void => void wishes.dispatchEvent(new Event('open'))

export function Switches() {
  const shown = useAnswer<Settings>('/v1/settings')
  const { data, reload } = shown
  const [isOpen, setOpen] = useState(false)
  const open = () => {
    // Another person may have switched since: what is sent holds both.
    reload()
    setOpen(true)
  }
  useEffect(() => {
    wishes.addEventListener('open', open)
    return () => wishes.removeEventListener('open', open)
  }, [])
  const words = data === null ? '' : summaryOf(data)
  return (
    <div class="switches">
      {data && (
        <button
          type="button"
          class={words === 'Stops on' ? 'quiet-button' : 'quiet-button alarmed'}
          onClick={open}
        >
          {words}
        </button>
      )}
      {isOpen && (
        <Dialog title="Stops and starts" onClose={() => setOpen(false)}>
          <Loaded shown={shown}>
            {settings => (
              <>
                <Switch what="stops" settings={settings} />
                <Switch what="starts" settings={settings} />
              </>
            )}
          </Loaded>
        </Dialog>
      )}
    </div>
  )
}

function summaryOf({ stopsEnabled, startsEnabled }: Settings): string {
  if (stopsEnabled) return startsEnabled ? 'Stops on' : 'Stops on, starts off'
  return startsEnabled ? 'Stops off' : 'Stops and starts off'
}

function Switch({ what, settings }: { what: What; settings: Settings }) {
  const action = useAction()
  const field = what === 'stops' ? 'stopsEnabled' : 'startsEnabled'
  const isOn = settings[field]
  const change = async () => {
    const body = { ...settings, [field]: !isOn }
    if (await action.send<Settings>({ method: 'PUT', path: '/v1/settings', body }))
      tellDone({ text: `${what === 'stops' ? 'Stops' : 'Starts'} are ${isOn ? 'off' : 'on'} now.` })
  }
  return (
    <div class="switch-row">
      <p>
        <strong>{`${what === 'stops' ? 'Stops' : 'Starts'} are ${isOn ? 'on' : 'off'}.`}</strong>{' '}
        {MEANS[what][isOn ? 'on' : 'off']}
      </p>
      <Button look={isOn ? 'danger' : 'main'} isBusy={action.isBusy} onClick={change}>
        {`Switch ${what} ${isOn ? 'off' : 'on'}`}
      </Button>
      {action.error && <ProblemBox error={action.error} />}
    </div>
  )
}
