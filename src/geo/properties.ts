/**
 * Which property of a feature is its id, and which its name, when nobody says.
 *
 * The id is the first property that every feature has and that tells most of them apart (three in
 * four): first among codes (integers, or short text without spaces), then among names (other short
 * text), then among the row numbers that GIS tools add on export, and last among properties that
 * repeat. Measures such as Shape_Area are never ids.
 */
import { idOf } from './district-id.ts'

type Properties = Readonly<Record<string, unknown>>

const MAX_ID_LENGTH = 64
const MOST = 3 / 4
const ROW_NUMBER =
  /^(objectid(_\d+)?|ogc_fid|fid(_\d+)?|gid|cartodb_id|_id|globalid|uuid|index|row)$/i
const MEASURE = /^(shape_?)?(st_?)?(area|len|leng|length|perimeter|acres|sq_?mi)(\(.*\))?$/i
const FRACTION = /^-?\d*\.\d+(e[-+]?\d+)?$/i
const NAME = /name|label|title|zone|neighbou?rhood/i

/** The property that tells districts apart; undefined when no property can. See above for the rule. */
export function chooseIdProperty(features: readonly Properties[]): string | undefined {
  const candidates = Object.keys(features[0]).filter((key) =>
    features.every((properties) => isPlausibleId(properties[key])),
  )
  const meaningful = candidates.filter((key) => !MEASURE.test(key))
  const distinct = meaningful.filter(
    (key) => distinctValues(features, key) >= features.length * MOST,
  )
  const own = distinct.filter((key) => !ROW_NUMBER.test(key))
  return (
    own.find((key) => features.every((each) => isCode(each[key]))) ??
    own[0] ??
    distinct[0] ??
    meaningful[0]
  )
}

/**
 * The property to show beside the id: text that is the same wherever the id is the same, and
 * different for most districts. One that is called a name goes before others.
 */
export function chooseNameProperty(
  features: readonly Properties[],
  idProperty: string,
): string | undefined {
  const districts = distinctValues(features, idProperty)
  const candidates = Object.keys(features[0]).filter((key) => {
    if (key === idProperty || !features.every((each) => isNameText(each[key]))) return false
    const names = distinctValues(features, key)
    const pairs = new Set(features.map((each) => JSON.stringify([each[idProperty], each[key]])))
    return names >= districts * MOST && pairs.size === districts
  })
  return candidates.find((key) => NAME.test(key)) ?? candidates[0]
}

function isPlausibleId(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'string' || FRACTION.test(value)) return false
  return value.trim() !== '' && value.length <= MAX_ID_LENGTH
}

function isCode(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !/\s/.test(value))
}

function isNameText(value: unknown): boolean {
  return typeof value === 'string' && /\p{L}/u.test(value)
}

function distinctValues(features: readonly Properties[], key: string): number {
  return new Set(features.map((properties) => idOf(properties[key]))).size
}
