import type { Mutation } from './mutations.ts'

/** `text` with the mutation's piece replaced; throws unless it is there, exactly once. */
export function broken(text: string, { name, find, replace, module }: Mutation): string {
  const words = find.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(words.join('\\s*'), 'g')
  const found = [...text.matchAll(pattern)]
  if (found.length !== 1) {
    throw new Error(
      `mutation ${name}: got ${found.length} places in ${module}, expected one; ` +
        'the code has changed, and so must test/simulation/mutations.ts',
    )
  }
  return text.replace(pattern, () => replace)
}
