/** Asks before unsaved changes are left behind. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { goTo, holdPlace } from '../../router.ts'

interface LeaveGuardProps {
  isChanged: boolean
}

/** While something is unsaved, another address is not followed until one says so. */
export function LeaveGuard({ isChanged }: LeaveGuardProps) {
  const [wanted, setWanted] = useState<string | null>(null)
  const isLeaving = useRef(false)
  useEffect(() => {
    if (!isChanged) return
    const own = location.hash
    const release = holdPlace(hash => {
      if (isLeaving.current || hash === own) return false
      // The address was changed already: it is put back, and so stays what was typed.
      history.replaceState(null, '', own)
      setWanted(hash)
      return true
    })
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => {
      release()
      window.removeEventListener('beforeunload', warn)
    }
  }, [isChanged])
  if (wanted === null) return null
  const leave = () => {
    isLeaving.current = true
    goTo(wanted)
  }
  return (
    <Dialog title="Leave without saving?" onClose={() => setWanted(null)}>
      <p>What you changed here is not saved, and is lost when you leave.</p>
      <div class="row">
        <Button look="main" onClick={() => setWanted(null)}>
          Stay here
        </Button>
        <Button look="danger" onClick={leave}>
          Leave, and lose it
        </Button>
      </div>
    </Dialog>
  )
}
