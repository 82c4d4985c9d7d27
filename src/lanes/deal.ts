/**
 * How the trips of a run are dealt to its lanes: in contiguous hands of `handSize` trips, lane
 * after lane, by the trip's ordinal in the run alone. Every producer of the run deals alike, so a
 * trip has one place in one lane for ever, however often the run is cut off and resumed.
 */
export interface Deal {
  /** Number of lanes; at least 1, fixed for the life of a run. */
  lanes: number
  /** Consecutive trips a lane gets at a time; at least 1. */
  handSize: number
}

export function laneOf(deal: Deal, ordinal: number): number {
  return Math.floor(ordinal / deal.handSize) % deal.lanes
}

/** The 0-based position inside its lane of the trip with this ordinal in the run. */
export function laneOrdinalOf(deal: Deal, ordinal: number): number {
  const round = deal.handSize * deal.lanes
  return Math.floor(ordinal / round) * deal.handSize + (ordinal % deal.handSize)
}

/** How many of the first `trips` trips of a run are `lane`'s. */
export function laneShare(deal: Deal, lane: number, trips: number): number {
  const round = deal.handSize * deal.lanes
  const rest = (trips % round) - lane * deal.handSize
  return Math.floor(trips / round) * deal.handSize + Math.min(deal.handSize, Math.max(0, rest))
}

/** Whether the first so many trips of each lane are all of the first `trips` trips of the run. */
export function reaches(counts: readonly number[], deal: Deal, trips: number): boolean {
  return counts.every((count, lane) => count >= laneShare(deal, lane, trips))
}
