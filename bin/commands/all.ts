/** Every command, in the order of `--help`. */
import type { CommandLine } from '../command-line.ts'
import { addClassify } from './classify.ts'
import { addCount } from './count.ts'
import { addDashboard } from './dashboard.ts'
import { addDemo } from './demo.ts'
import { addExport } from './export.ts'
import { addDestroy, addInit } from './init.ts'
import { addLocal } from './local.ts'
import { addCounts, addStatus, addTail, addVerify } from './look.ts'
import { addRedrive } from './redrive.ts'
import { addReplay } from './replay.ts'
import { addReport } from './report.ts'
import { addRuns } from './runs.ts'

export const COMMANDS: readonly ((line: CommandLine) => void)[] = [
  addDemo,
  addLocal,
  addInit,
  addReplay,
  addCount,
  addTail,
  addDashboard,
  addCounts,
  addReport,
  addExport,
  addStatus,
  addVerify,
  addClassify,
  addRuns,
  addRedrive,
  addDestroy,
]
