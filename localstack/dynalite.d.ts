/** The part of dynalite 4 (https://github.com/architect/dynalite) that is used here. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  export interface DynaliteOptions {
    /** Folder of the LevelDB store; without it everything is in memory. */
    path?: string
    /** How long a table stays CREATING, DELETING or UPDATING. Default 500. */
    createTableMs?: number
    deleteTableMs?: number
    updateTableMs?: number
  }

  export default function dynalite(options?: DynaliteOptions): Server
}
