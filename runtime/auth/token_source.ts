/** The access token of a configuration: kept in memory, shared on the disk, requested when needed. */
import type { Host } from '../host/host.ts'
import type { Config } from '../settings/config.ts'
import { type ClosableTokenSource, createAccessTokenSource } from './access_token.ts'
import { createSharedToken, type SharedTokenHost } from './shared_token.ts'
import type { TokenRequestHost } from './token_request.ts'

type TokenSourceHost = SharedTokenHost & TokenRequestHost & Pick<Host, 'after' | 'stderr'>

/**
 * @param debug called with what happens to the token, for `--verbose`
 * @param warn called once if this computer's clock is more than a minute off
 */
export function tokenSourceOf(
  host: TokenSourceHost,
  config: Config,
  debug: (text: string) => void = () => {},
  warn: (text: string) => void = () => {},
): ClosableTokenSource {
  let warned = false
  const shared = createSharedToken(host, config, debug)
  return createAccessTokenSource({
    host,
    timeoutMs: config.timeoutMs,
    shared,
    announce: (value) => announceToken(host, value),
    async request(deadline) {
      debug('no usable token is kept, so one is requested')
      // Loaded here, because a process that finds a token does not need it.
      const { requestAccessToken } = await import('./token_request.ts')
      const { clockSkewText } = await import('./clock_skew.ts')
      const issued = await requestAccessToken(host, config, deadline, shared.discoveredEndpoint())
      for (const text of warned ? [] : clockSkewText(issued.clockSkewMs)) {
        warned = true
        warn(`${text} Set it, or tokens and certificates will be refused as expired or not yet valid.`)
      }
      return issued
    },
  })
}

// --- internal ---

/** GitHub's runner reads this line and masks the value in the log from then on. Not written to a file, which others may read. */
function announceToken({ redactor, env, stderr }: Pick<Host, 'redactor' | 'env' | 'stderr'>, value: string): void {
  redactor.add(value)
  if (env['GITHUB_ACTIONS'] !== 'true' || stderr.isTTY || stderr.isFile) return
  void stderr.writeAsIs(`::add-mask::${value.replace(/[%\r\n]/g, encodeURIComponent)}\n`)
}
