/** Module hooks (https://nodejs.org/api/module.html#customization-hooks) that break one guard. */
import type { InitializeHook, LoadHook } from 'node:module'
import { broken } from './mutate.ts'
import type { Mutation } from './mutations.ts'
import { MUTATIONS } from './mutations.ts'

let mutation: Mutation | undefined

export const initialize: InitializeHook<{ mutation: string }> = (data) => {
  mutation = MUTATIONS.find(({ name }) => name === data.mutation)
  if (mutation === undefined) throw new Error(`there is no mutation ${data.mutation}`)
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (mutation === undefined || !url.endsWith(`/src/${mutation.module}.js`)) return loaded
  const text =
    typeof loaded.source === 'string'
      ? loaded.source
      : Buffer.from(loaded.source as Uint8Array).toString('utf8')
  return { ...loaded, source: broken(text, mutation) }
}
