import { expect, test } from 'vitest'
import { flags, refuseFlagsOfNpm, undoCommand } from '../../infra/local/flags.ts'

test('without flags the sample runs, HTTP is on 3000 and the data in .curfew', () => {
  expect(flags([])).toEqual({
    once: false,
    undo: false,
    simulator: true,
    token: true,
    openstack: false,
    projects: null,
    address: '127.0.0.1',
    port: 3000,
    tokens: null,
    proxy: null,
    data: '.curfew',
    restore: null,
    help: false,
  })
})

test.for<[string[], object]>([
  [['--once'], { once: true }],
  [['--once', '--undo'], { once: true, undo: true }],
  [['--no-simulator'], { simulator: false, token: true }],
  [['--no-simulator', '--no-token'], { simulator: false, token: false }],
  [['--port', '4000'], { port: 4000 }],
  [['--port=0'], { port: 0 }],
  [['--data', 'my data'], { data: 'my data' }],
  [['--data=/var/curfew', '--port', '1'], { data: '/var/curfew', port: 1 }],
  [['--projects', '3'], { projects: 3 }],
  [['--openstack', '--once'], { openstack: true, once: true }],
  [['--listen', '127.0.0.1:4000'], { address: '127.0.0.1', port: 4000 }],
  [['--listen', '0.0.0.0:80', '--tokens', 'f'], { address: '0.0.0.0', port: 80, tokens: 'f' }],
  [['--listen=[::]:0', '--tokens=f', '--proxy', '::1'], { address: '::', port: 0, proxy: '::1' }],
  [['--help'], { help: true }],
])('%j is understood', ([args, expected]) => {
  expect(flags(args)).toMatchObject(expected)
})

test.for<[string[], string]>([
  [
    ['--twice'],
    'Unknown flag --twice: expected one of --once, --undo, --no-simulator, --no-token, --openstack, --projects, --port, --listen, --tokens, --proxy, --data, --restore, --help',
  ],
  [['--ports', '1'], 'Unknown flag --ports'],
  [['-p', '1'], 'Unknown flag -p'],
  [['4000'], 'Expected a flag, got "4000"'],
  [['--', '--once'], 'Expected a flag, got "--once"'],
  [['--port', 'http'], '--port: expected a whole number from 0 to 65535, got "http"'],
  [['--port', '65536'], '--port: expected a whole number from 0 to 65535, got "65536"'],
  [['--port', '-1'], '--port: expected a whole number from 0 to 65535, got "-1"'],
  [['--port', '3.5'], 'got "3.5"'],
  [['--port='], '--port: expected a whole number from 0 to 65535, got ""'],
  [['--port'], '--port: expected a whole number from 0 to 65535, got nothing'],
  [['--data', '--once'], '--data: expected a folder, got "--once"'],
  [['--data'], '--data: expected a folder, got nothing'],
  [['--undo'], '--undo takes the run of the sample back and exits: expected it with --once, got it alone'],
  [['--undo=it', '--once'], '--undo takes no value, got "it"'],
  [['--once=yes'], '--once takes no value, got "yes"'],
  [['--once', '--no-simulator'], 'expected one of them, got both'],
  [['--openstack', '--no-simulator'], '--openstack chooses the simulated cloud'],
  [['--port', '1', '--port', '2'], '--port: expected once, got it twice'],
  [['--projects', '10'], '--projects: expected a whole number from 1 to 9, got "10"'],
  [['--projects'], '--projects: expected a whole number from 1 to 9, got nothing'],
  [['--projects', '2', '--openstack'], 'expected it without --openstack, got both'],
  [['--openstack=yes'], '--openstack takes no value, got "yes"'],
  ...['', 'curfew.example:80', '3000', '10.0.0.1', '10.0.0.1:65536', '::1:80', '[127.0.0.1]:80'].map(
    (given): [string[], string] => [
      [`--listen=${given}`],
      `--listen: expected an address and a port, such as 0.0.0.0:3000 or [::]:3000, got "${given}"`,
    ],
  ),
  [['--listen', '0.0.0.0:1'], '--listen: expected 127.0.0.1, or --tokens with it, got 0.0.0.0'],
  [['--listen', '[fe80::1]:1'], 'or --tokens with it, got fe80::1'],
  [['--listen', '127.0.0.1:1', '--port', '1'], '--listen names the port: expected it without --port'],
  [['--tokens'], '--tokens: expected a file, got nothing'],
  [['--tokens', 'f', '--no-token'], 'expected one of them, got both'],
  [['--proxy', '::1'], '--proxy says who asks, by whom wrong tokens are counted: expected --tokens with it'],
  [['--proxy', 'proxy.example', '--tokens', 'f'], '--proxy: expected the address of a reverse proxy'],
])('%j is refused with what was expected and what came', ([args, message]) => {
  expect(() => flags(args)).toThrow(message)
  expect(() => flags(args)).toThrow(expect.objectContaining({ exitCode: 2 }))
})

test.for<[string[], string]>([
  [['--once'], 'npm start -- --once --undo'],
  [['--once', '--openstack', '--data', '.curfew'], 'npm start -- --once --undo'],
  [
    ['--once', '--data', "bob's", '--port', '0'],
    String.raw`npm start -- --once --undo --data 'bob'\''s' --port 0`,
  ],
])('what %j showed is taken back over the same data folder', ([args, command]) => {
  expect(undoCommand(flags(args))).toBe(command)
})

test.for<[Record<string, string>, string]>([
  [{ npm_config_once: 'true' }, 'npm took --once for itself'],
  [{ npm_config_simulator: '', npm_config_data: 'x' }, 'npm took --no-simulator, --data for itself'],
])('flags before the two dashes, which npm leaves as %j, are refused', ([env, message]) => {
  expect(() => refuseFlagsOfNpm(env)).toThrow(message)
})

test('settings of npm that are none of our flags are let be', () => {
  expect(() => refuseFlagsOfNpm({ npm_config_noproxy: '', npm_config_user_agent: 'npm' })).not.toThrow()
})
