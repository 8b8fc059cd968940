/** `completion bash` and `completion zsh`: a script for the shell, of what the commands say of themselves. */
import { Argument, type Command } from 'commander'
import { action, type Session } from '../session.ts'

const SHELLS = ['bash', 'zsh'] as const
type Shell = (typeof SHELLS)[number]

export function addCompletion(program: Command, session: Session): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .description(
      'a script by which the shell completes commands and options: eval "$(npx curfew completion bash)"',
    )
    .action(
      action(session, async (shell: Shell) => {
        session.terminal.print(completionScript(program, shell))
        return 0
      }),
    )
}

/** By the words before: what may follow, and what may follow an option. */
interface Place {
  path: string
  words: string[]
}

const longOptions = ({ options }: Command): string[] => [
  ...options.flatMap(({ long }) => long ?? []),
  '--help',
]

function placesOf(command: Command, path: string): Place[] {
  const below = command.commands
  return [
    { path, words: [...below.map(one => one.name()), ...argumentChoices(command), ...longOptions(command)] },
    ...below.flatMap(one => placesOf(one, `${path} ${one.name()}`)),
  ]
}

const argumentChoices = ({ registeredArguments }: Command): string[] =>
  registeredArguments.flatMap(({ argChoices = [] }) => argChoices)

function choicesOf(command: Command, path: string): Place[] {
  const own = command.options.flatMap(({ long, argChoices }) =>
    long && argChoices ? [{ path: `${path} ${long}`, words: argChoices }] : [],
  )
  return [...own, ...command.commands.flatMap(one => choicesOf(one, `${path} ${one.name()}`))]
}

const cases = (places: Place[]): string =>
  places.map(({ path, words }) => `    '${path}') offered='${words.join(' ')}' ;;`).join('\n')

/** What is common to both shells; each calls it with the words before the one that is completed. */
const wordsFunction = (program: Command): string => `_curfew_words() {
  local place='curfew' last='' word offered=''
  for word in "$@"; do
    last="$word"
    case "$place $word" in
${program.commands
  .flatMap(one => placesOf(one, `curfew ${one.name()}`))
  .map(({ path }) => `      '${path}') place='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$place $last" in
${cases(choicesOf(program, 'curfew'))}
  esac
  if [ -z "$offered" ]; then case "$place" in
${cases(placesOf(program, 'curfew'))}
  esac; fi
  printf '%s\\n' "$offered"
}`

const BASH = `_curfew() {
  local skip=1
  if [ "\${COMP_WORDS[0]##*/}" = npx ]; then
    [ "\${COMP_WORDS[1]}" = curfew ] && [ "$COMP_CWORD" -gt 1 ] || return 0
    skip=2
  fi
  COMPREPLY=($(compgen -W "$(_curfew_words "\${COMP_WORDS[@]:skip:COMP_CWORD-skip}")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _curfew curfew npx`

const ZSH = `_curfew() {
  local skip=1
  if [ "\${words[1]:t}" = npx ]; then
    [ "\${words[2]}" = curfew ] && [ "$CURRENT" -gt 2 ] || { _files; return }
    skip=2
  fi
  local before=("\${(@)words[skip+1,CURRENT-1]}")
  compadd -- \${=$(_curfew_words "\${before[@]}")} || _files
}
compdef _curfew curfew npx`

const completionScript = (program: Command, shell: Shell): string =>
  `${wordsFunction(program)}\n${shell === 'bash' ? BASH : ZSH}`
