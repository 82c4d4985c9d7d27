/** Writes neighbourhoods.geojson anew: `npm run build && node dist/samples/make-city.js`. */
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { sampleCityPath } from './city-file.ts'
import { cityText, makeCity } from './city.ts'

const path = sampleCityPath()
const city = makeCity()
writeFileSync(path, cityText(city))
process.stderr.write(`${basename(path)}: ${city.features.length} districts\n`)
