// Runs the named benchmarks one after the other; every other argument is passed on to each.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
const args = process.argv.slice(2)
const options = args.findIndex((arg) => arg.startsWith('-'))
const names = options < 0 ? args : args.slice(0, options)
const rest = options < 0 ? [] : args.slice(options)
for (const name of names) {
  const file = fileURLToPath(new URL(`../dist/bench/${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [file, ...rest], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
