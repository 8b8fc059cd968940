/** Asks whoever reads to sign in, in the way that the API wants. */
import { useEffect, useState } from 'preact/hooks'
import { logInAgain, type SignInWay, signIn } from '../api/session.ts'
import { keepToken, readToken } from '../api/token.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'

interface Asked extends SignInWay {
  /** A token was sent, and refused. */
  wasRefused: boolean
}

export function SignIn() {
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  useEffect(() => {
    const ask = (event: Event) =>
      setAsked({ ...(event as CustomEvent<SignInWay>).detail, wasRefused: readToken() !== null })
    signIn.addEventListener('asked', ask)
    signIn.addEventListener('done', close)
    return () => {
      signIn.removeEventListener('asked', ask)
      signIn.removeEventListener('done', close)
    }
  }, [])
  if (asked === null) return null
  return (
    <Dialog title={asked.kind === 'command' ? 'Open the console by a command' : 'Sign in'} onClose={close}>
      {asked.kind === 'token' && <TokenForm wasRefused={asked.wasRefused} />}
      {asked.kind === 'issuer' && <LogIn reason={asked.reason} />}
      {asked.kind === 'command' && <ByCommand />}
    </Dialog>
  )
}

function TokenForm({ wasRefused }: { wasRefused: boolean }) {
  const [token, setToken] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    keepToken(token.trim())
    signIn.dispatchEvent(new Event('done'))
  }
  return (
    <form onSubmit={submit}>
      <Field
        label="Token"
        hint="Whoever runs this Curfew makes one for you; on your own machine it is in the link that the terminal printed, and in .curfew/token. It is kept for this tab alone."
        error={wasRefused ? 'This token was refused.' : undefined}
      >
        {ids => (
          <input
            {...ids}
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={event => setToken(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" class="main">
        Sign in
      </button>
    </form>
  )
}

function LogIn({ reason }: { reason: string | null }) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState(reason)
  const begin = async () => {
    setBusy(true)
    await logInAgain().catch(error => setProblem(error instanceof Error ? error.message : String(error)))
    setBusy(false)
  }
  return (
    <>
      <p>{problem ?? 'Your login has ended.'}</p>
      <p class="hint">
        You come back to this screen. What you typed and did not save is lost: copy it first.
      </p>
      <Button look="main" isBusy={isBusy} onClick={begin}>
        Log in again
      </Button>
    </>
  )
}

const ByCommand = () => (
  <>
    <p>
      This deployment asks for requests that are signed with AWS credentials (IAM), which a browser does not
      have. Run this in a clone of Curfew, with credentials that may call the API:
    </p>
    <pre>
      <code>{`CURFEW_URL=${location.origin} npx curfew console`}</code>
    </pre>
    <p class="hint">It prints the link to the console, and signs what it asks.</p>
  </>
)
