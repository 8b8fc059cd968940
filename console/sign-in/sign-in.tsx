/** Asks for the token, where the API wants one. */
import { useEffect, useState } from 'preact/hooks'
import { signIn } from '../api/client.ts'
import { keepToken, readToken } from '../api/token.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'

export function SignIn() {
  const [isAsked, setAsked] = useState(false)
  const [token, setToken] = useState('')
  const [wasRefused, setRefused] = useState(false)
  useEffect(() => {
    const asked = () => {
      setRefused(readToken() !== null)
      setAsked(true)
    }
    signIn.addEventListener('asked', asked)
    return () => signIn.removeEventListener('asked', asked)
  }, [])
  if (!isAsked) return null
  const submit = (event: Event) => {
    event.preventDefault()
    keepToken(token.trim())
    setAsked(false)
    setToken('')
    signIn.dispatchEvent(new Event('done'))
  }
  return (
    <Dialog title="Sign in" onClose={() => setAsked(false)}>
      <form onSubmit={submit}>
        <Field
          label="Token"
          hint="It lies in the file token of the data folder (.curfew/token), and in the link that the terminal printed. It is kept for this tab alone."
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
    </Dialog>
  )
}
