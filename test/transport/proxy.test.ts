import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError } from '../../runtime/core/errors.ts'
import { proxyFor } from '../../runtime/transport/proxy.ts'
import { hides, rejects } from '../_assert.ts'

const proxy = suite('transport/proxy')

const TARGET = new URL('https://workflow.example.com/wfgen/graphql')

const FOUND: readonly (readonly [env: Record<string, string>, url: string, variable: string, credentials?: string])[] =
  [
    [{ HTTPS_PROXY: 'http://proxy.test:3128' }, 'http://proxy.test:3128/', 'HTTPS_PROXY'],
    [{ HTTPS_PROXY: 'http://upper.test', https_proxy: 'http://lower.test' }, 'http://lower.test/', 'https_proxy'],
    [{ ALL_PROXY: 'http://all.test', HTTPS_PROXY: 'http://https.test' }, 'http://https.test/', 'HTTPS_PROXY'],
    [{ ALL_PROXY: 'http://all.test', HTTPS_PROXY: '' }, 'http://all.test/', 'ALL_PROXY'],
    [{ all_proxy: 'https://proxy.test' }, 'https://proxy.test/', 'all_proxy'],
    [{ HTTPS_PROXY: ' proxy.test:3128 ' }, 'http://proxy.test:3128/', 'HTTPS_PROXY'],
    [{ HTTPS_PROXY: '10.0.0.1:3128' }, 'http://10.0.0.1:3128/', 'HTTPS_PROXY'],
    [{ HTTPS_PROXY: 'u%3A:p%40 s@[::1]:3128' }, 'http://[::1]:3128/', 'HTTPS_PROXY', 'u::p@ s'],
    [{ HTTPS_PROXY: 'http://only-user@proxy.test' }, 'http://proxy.test/', 'HTTPS_PROXY', 'only-user:'],
  ]
for (const [env, url, variable, credentials] of FOUND) {
  proxy(`proxyFor() finds ${url} in ${JSON.stringify(env)}`, () => {
    const found = proxyFor(TARGET, env)
    assert.equal([found?.url.href, found?.variable], [url, variable])
    const sent = found?.authorization?.replace(/^Basic /, '')
    assert.is(sent === undefined ? undefined : Buffer.from(sent, 'base64').toString(), credentials)
  })
}

const EXCLUDING: readonly (readonly [noProxy: string, excludes: boolean])[] = [
  ['*', true],
  ['workflow.example.com', true],
  ['WORKFLOW.example.com', true],
  ['example.com', true],
  ['.example.com', true],
  ['*.example.com', true],
  ['localhost,127.0.0.1, example.com', true],
  ['localhost example.com', true],
  ['example.com:443', true],
  ['example.com:8443', false],
  ['ample.com', false],
  ['flow.example.com', false],
  ['x.workflow.example.com', false],
  [', ,', false],
  ['.', false],
]
for (const [noProxy, excludes] of EXCLUDING) {
  proxy(`proxyFor() ${excludes ? 'obeys' : 'is not concerned by'} NO_PROXY=${noProxy}`, () => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const found = proxyFor(TARGET, { HTTPS_PROXY: 'http://proxy.test', [name]: noProxy })
      assert.is(found === undefined, excludes)
    }
  })
}

for (const url of ['http://localhost:4000/', 'http://127.0.0.1:4000/', 'http://[::1]/']) {
  proxy(`proxyFor() finds none for ${url}`, () => {
    const every = { HTTP_PROXY: 'http://a.test', HTTPS_PROXY: 'http://b.test', ALL_PROXY: 'http://c.test' }
    assert.is(proxyFor(new URL(url), every), undefined)
  })
}

proxy('proxyFor() finds it for https on this computer too, unless NO_PROXY names it', () => {
  for (const [host, noProxy] of [
    ['localhost', 'localhost'],
    ['127.0.0.1:4000', '127.0.0.1'],
    ['[::1]', '::1'],
    ['[::1]:8443', '[::1]:8443'],
  ] as const) {
    const env = { HTTPS_PROXY: 'http://b.test' }
    assert.is(proxyFor(new URL(`https://${host}/`), env)?.url.host, 'b.test')
    assert.is(proxyFor(new URL(`https://${host}/`), { ...env, NO_PROXY: noProxy }), undefined, host)
  }
})

for (const value of [
  'user:password@:port',
  'http://us er:password@',
  'socks5://user:password@proxy.test',
  'http://%zz:password@proxy.test',
]) {
  proxy(`proxyFor() says which variable it is that is no URL of a proxy, and not its value: ${value}`, async () => {
    const error = await rejects(async () => proxyFor(TARGET, { https_proxy: value }), {
      instance: ConfigError,
      code: 'WFG_CONFIG',
      message:
        'Cannot reach "https://workflow.example.com" through a proxy: https_proxy is not the URL of an http or https proxy; ' +
        'expected http://host:port, or http://user:password@host:port with special characters percent-encoded. ' +
        'Correct it, or name the host in NO_PROXY if it is reached without a proxy.',
    })
    hides(JSON.stringify((error as ConfigError).problems), 'password@', 'proxy.test')
    assert.equal(
      (error as ConfigError).problems.map(({ name }) => name),
      ['https_proxy'],
    )
  })
}

proxy.run()
