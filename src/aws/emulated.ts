import { HailstreamError } from '../errors.ts'

/**
 * Whether an emulator answers at `endpoint` rather than AWS: nothing there is billed, and its limits
 * are its own. That is so on this machine, unless `said` (`yes` or `no`, from HAILSTREAM_EMULATED)
 * says otherwise: an emulator may be elsewhere, and a tunnel to AWS may begin here.
 *
 * @throws HailstreamError USAGE for anything else that is said, or an endpoint that is no URL
 */
export function isEmulated(endpoint: string | undefined, said: string | undefined): boolean {
  if (said !== undefined && said !== '' && said !== 'yes' && said !== 'no') {
    throw new HailstreamError('USAGE', {
      subject: 'HAILSTREAM_EMULATED',
      got: JSON.stringify(said),
      expected: 'yes or no',
    })
  }
  if (endpoint === undefined) return false
  const { hostname } = urlOf(endpoint)
  return said === undefined || said === '' ? isLoopback(hostname) : said === 'yes'
}

function urlOf(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new HailstreamError('USAGE', {
    subject: 'AWS_ENDPOINT_URL_…',
    got: JSON.stringify(endpoint),
    expected: 'a URL, as http://127.0.0.1:4568',
  })
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d+){3}$/.test(hostname)
  )
}
