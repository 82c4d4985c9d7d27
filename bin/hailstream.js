#!/usr/bin/env node
// The SDK reads this when it is loaded, so it is set before the first import of it: our exact
// SDK versions are pinned to ones that support Node 20 (docs/dependencies.md).
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
const { main } = await import('../dist/bin/main.js')
await main(process.argv)
