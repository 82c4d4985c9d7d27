/** docs/openapi.json, as what answers are held to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { repoRoot } from '../support/repo-root.ts'
import type { Reply } from './stage.ts'

interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: { $ref: string } }> }>
}

interface Document {
  paths: Record<string, { get: Operation }>
  components: { schemas: Record<string, unknown> }
}

const document = JSON.parse(readFileSync(join(repoRoot, 'docs/openapi.json'), 'utf8')) as Document
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema(document, 'api')

export const apiPaths = Object.keys(document.paths)

/** What is wrong with an answer to a request of `path`, as the document names it; '' = nothing. */
export function faultOf(path: string, reply: Reply): string {
  const operation = document.paths[path]?.get
  if (operation === undefined) return `${path} is not in the document`
  const response = operation.responses[String(reply.status)]
  if (response === undefined) return `${path} must not answer ${reply.status}: ${reply.text}`
  if (reply.status === 304) return reply.bytes.length === 0 ? '' : '304 with a body'
  const [type, content] = Object.entries(response.content ?? {})[0] ?? []
  if (type === undefined || reply.headers['content-type']?.startsWith(type) !== true) {
    return `${path}: ${String(reply.headers['content-type'])} instead of ${String(type)}`
  }
  const ref = content?.schema?.$ref
  if (ref === undefined) return ''
  const validate = ajv.compile({ $ref: `api${ref}` })
  if (validate(reply.json)) return ''
  return `${path} ${reply.status}: ${ajv.errorsText(validate.errors)} in ${reply.text.slice(0, 300)}`
}
