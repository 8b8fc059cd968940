/** The sites of Huawei's clouds: where their services are. */

interface Site {
  domain: string
  /** `null`: every region that no other site has, so that one that is new is found as well. */
  regions: readonly string[] | null
  /** What a host begins with, where that is not the name of its service. */
  renamed?: Readonly<Record<string, string>>
}

const HUAWEI_CLOUD: Site = { domain: 'myhuaweicloud.com', regions: null }

/**
 * Huawei Cloud, "Regions and Endpoints", and the regions in its SDKs (`eu-west-101`: IAM, ECS); Open Telekom Cloud, "Regions and
 * Endpoints", and for `eu-ch2`, which has a domain and an IAM host of its own, its Terraform provider's pages.
 */
const SITES: readonly Site[] = [
  HUAWEI_CLOUD,
  { domain: 'myhuaweicloud.eu', regions: ['eu-west-101'] },
  { domain: 'otc.t-systems.com', regions: ['eu-de', 'eu-nl'] },
  { domain: 'sc.otc.t-systems.com', regions: ['eu-ch2'], renamed: { iam: 'iam-pub' } },
]

export const SITE_DOMAINS = SITES.map(({ domain }) => domain)

/** The host of a service in a region; in none, which is `''`, that of the first site for all its regions. */
export function serviceHost(service: string, region: string): string {
  const { domain, renamed } = SITES.find(({ regions }) => regions?.includes(region)) ?? HUAWEI_CLOUD
  return [renamed?.[service] ?? service, region, domain].filter(part => part !== '').join('.')
}
