import { parsePointSource } from '../../src/trips/point-columns.ts'
import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

interface ClassifyOptions {
  districts: string
  districtId?: string
  lon?: string
  lat?: string
  as: string
}

export function addClassify(line: CommandLine): void {
  line.add<ClassifyOptions>({
    name: 'classify',
    description: 'print the rows of a CSV file, each with the district that its point is in',
    arguments: [
      { name: '[file]', description: 'CSV or .csv.gz; without it, or -, standard input' },
    ],
    options: [
      options
        .option('--districts <file>', 'GeoJSON of the districts; required')
        .makeOptionMandatory(),
      options.districtId(),
      options.option(
        '--lon <column>',
        'longitude: a header name, or a position from 1 where there is no header (default: of the pickup)',
      ),
      options.option('--lat <column>', 'latitude, likewise'),
      options.newColumn(),
    ],
    async bind({ lon, lat, ...rest }, [file = '-']) {
      const source = parsePointSource(lon, lat)
      const { classifyFile } = await import('../../consumers/classify.ts')
      const command = { ...rest, file, ...(source !== undefined && { source }) }
      return (program) => classifyFile(command, program)
    },
  })
}
