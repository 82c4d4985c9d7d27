/** The districts of a generation as GeoJSON: outlines from the table, ids and names in any case. */
import type { Generation } from '../counts/generation.ts'
import { textOf } from '../counts/item-values.ts'
import type { Item } from '../counts/table-port.ts'
import type { OutlineGeometry } from '../outline/outline.ts'
import { outlineBox, readOutline } from '../outline/outline.ts'
import { centerOf } from '../outline/center.ts'

export function districtsAnswer(generation: Generation, outline: Item | undefined): unknown {
  const { districts } = generation
  const packed = outline?.outline
  const shapes: ReadonlyMap<string, OutlineGeometry> =
    packed instanceof Uint8Array ? readOutline(packed) : new Map()
  return {
    type: 'FeatureCollection',
    generation: generation.id,
    name: districts.name,
    note: textOf(outline?.note) || null,
    zones: districts.zones,
    bbox: outlineBox(shapes.values()) ?? null,
    features: districts.ids.map((id, i) => {
      const geometry = shapes.get(id)
      const center = geometry === undefined ? null : centerOf(geometry)
      return {
        type: 'Feature',
        id,
        properties: { id, name: districts.names[i], center },
        geometry: geometry ?? null,
      }
    }),
  }
}
