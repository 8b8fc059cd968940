/** What a Keystone and a Nova tell of themselves: the documents of their versions, which need no token, and the catalog of one. */
import { type Answer, bare, type Request, type Route } from '../route.ts'
import { uuidOf } from '../world/server.ts'
import { controllerAnswer, LEAST, MOST } from './answer.ts'

type Json = Record<string, unknown>

const KEYSTONE = { type: 'identity', name: 'keystone', path: '/v3' }
const NOVA = { type: 'compute', name: 'nova', path: '/v2.1' }
const REGION = 'RegionOne'

const urlOf = ({ headers }: Request, path: string): string => `http://${headers.host}${path}`
const hex = (text: string): string => uuidOf(text).replaceAll('-', '')

/** Where the services are, as a token that is good for a project says. */
export const catalogOf = (request: Request): Json[] =>
  [KEYSTONE, NOVA].map(({ type, name, path }) => ({
    id: hex(type),
    type,
    name,
    endpoints: [
      {
        id: hex(`${type} public`),
        interface: 'public',
        region: REGION,
        region_id: REGION,
        url: urlOf(request, path),
      },
    ],
  }))

const documentOf = (request: Request, path: string, of: { id: string; media: string } & Json): Json => {
  const { media, ...told } = of
  const type = `application/vnd.openstack.${media}`
  const links = [{ rel: 'self', href: urlOf(request, `${path}/`) }]
  return { version: { ...told, links, 'media-types': [{ base: 'application/json', type }] } }
}

/** Identity API v3, "Show v3 API version details". */
const keystoneVersion = (request: Request): Answer => {
  const told = { id: 'v3.14', status: 'stable', updated: '2020-04-07T00:00:00Z', media: 'identity-v3+json' }
  const headers = { 'Content-Type': 'application/json', Vary: 'X-Auth-Token' }
  return bare(200, documentOf(request, KEYSTONE.path, told), headers)
}

/** Compute API, "Show Details of Specific API Version": which microversions there are. */
const novaVersion = (request: Request): Answer => {
  const updated = '2013-07-23T11:33:21Z'
  const microversions = { version: MOST, min_version: LEAST }
  const told = { id: 'v2.1', status: 'CURRENT', updated, media: 'compute+json;version=2.1', ...microversions }
  return controllerAnswer(request, 200, documentOf(request, NOVA.path, told))
}

export const versionRoutes: Route[] = [
  { path: KEYSTONE.path, answer: keystoneVersion },
  { path: NOVA.path, answer: novaVersion },
].flatMap(({ path, answer }) =>
  ['', '/'].map(end => ({ name: 'version', method: 'GET', path: path + end, guard: () => null, answer })),
)
