/** The sites of Huawei's clouds: where their services are. */

interface Site {
  domain: string
  /** `null`: every region that no other site has, so that one that is new is found as well. */
  regions: readonly string[] | null
  /** What a host begins with, where that is not the name of its service. */
  renamed?: Readonly<Record<string, string>>
  /** Prices and bills, at one host for all regions; absent: the site has no such service that is documented. */
  billing?: (region: string) => string
}

/**
 * Customer Operation Capabilities, "Huawei Cloud environment addresses": one host for each site. Those in China and elsewhere share the
 * domain; a region does not tell for certain of which an account is.
 */
const billingHost = (region: string): string =>
  region.startsWith('cn-') ? 'bss.myhuaweicloud.com' : 'bss-intl.myhuaweicloud.com'

const HUAWEI_CLOUD: Site = { domain: 'myhuaweicloud.com', regions: null, billing: billingHost }

/**
 * Huawei Cloud, "Regions and Endpoints", and the regions in its SDKs (`eu-west-101`: IAM, ECS); Open Telekom Cloud, "Regions and
 * Endpoints", and for `eu-ch2`, which has a domain and an IAM host of its own, its Terraform provider's pages.
 */
const SITES: readonly Site[] = [
  HUAWEI_CLOUD,
  { domain: 'myhuaweicloud.eu', regions: ['eu-west-101'], billing: () => 'bss.myhuaweicloud.eu' },
  { domain: 'otc.t-systems.com', regions: ['eu-de', 'eu-nl'] },
  { domain: 'sc.otc.t-systems.com', regions: ['eu-ch2'], renamed: { iam: 'iam-pub' } },
]

export const SITE_DOMAINS = SITES.map(({ domain }) => domain)

const siteOf = (region: string): Site =>
  SITES.find(({ regions }) => regions?.includes(region)) ?? HUAWEI_CLOUD

/** Where an account with servers in a region asks for prices and bills; `null`: nowhere that is known. */
export const bssHost = (region: string): string | null => siteOf(region).billing?.(region) ?? null

/** The host of a service in a region; in none, which is `''`, that of the first site for all its regions. */
export function serviceHost(service: string, region: string): string {
  const { domain, renamed } = siteOf(region)
  return [renamed?.[service] ?? service, region, domain].filter(part => part !== '').join('.')
}
