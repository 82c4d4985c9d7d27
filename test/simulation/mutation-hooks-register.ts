/** Loaded before a child process that simulates with a broken guard. */
import { register } from 'node:module'

register('./mutation-hooks.js', import.meta.url, {
  data: { mutation: process.env.HAILSTREAM_MUTATION },
})
