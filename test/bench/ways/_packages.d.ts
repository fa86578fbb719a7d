/** Packages that only the benchmark's own folder has: `packages.ts` installs them there. */
declare module 'openid-client'
declare module 'graphql-request'
declare module '@octokit/graphql'
