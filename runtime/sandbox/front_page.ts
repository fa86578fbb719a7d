/** The page at the sandbox's root. */
import { escapeHtml } from './http.ts'

export function frontPage(settings: Readonly<Record<string, string>>, requests: number): string {
  const lines = Object.entries(settings).map(([name, value]) => escapeHtml(`${name}=${value}`))
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>wfg sandbox</title></head>
<body>
<h1>wfg sandbox</h1>
<p>A stand-in for an identity provider and for WorkflowGen, to learn and test with. It is not WorkflowGen: the people, the
processes and the ${requests} requests are invented, and changes are lost when it stops. The schema is reconstructed from
public material. What is guessed is marked there.</p>
<p><a href="/wfgen/graphql">GraphiQL</a> · <a href="/wfgen/graphql/schema">schema</a> · <a href="/.well-known/openid-configuration">discovery document</a></p>
<p>Settings that connect to it:</p>
<pre>${lines.join('\n')}</pre>
</body>
</html>
`
}
