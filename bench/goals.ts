/** The goals of docs/performance.md: which measurement each is about, what it must and should be. */
export interface Goal {
  what: string
  /** How the subject of a row begins, and its peer where it has one. */
  subject: string
  peer: string
  unit: string
  must: number
  target: number
  /** Whether less is better. */
  less?: boolean
}

export const GOALS: readonly Goal[] = [
  { ...goal('wrong answers', 'exact reference', [0, 0], 'points'), less: true },
  ...(
    [
      ['community districts', [180, 300], [130, 220], [80, 140]],
      ['taxi zones', [40, 60], [35, 50], [25, 45]],
    ] as const
  ).flatMap(([city, which, flatbush, adversarial]): Goal[] => [
    goal(`classify real points, ${city}`, 'which-polygon', which),
    goal(`classify real points, ${city}`, 'flatbush + ray cast', flatbush),
    goal(`classify adversarial points, ${city}`, 'which-polygon', adversarial),
  ]),
  { ...goal('build, community districts', '', [600, 300], 'ms'), less: true },
  { ...goal('deserialize, community districts', '', [30, 30], 'ms'), less: true },
  { ...goal('index size, community districts', '', [24, 16], 'MB'), less: true },
  goal('KPL decode', 'aws-kinesis-agg', [3, 5]),
  goal('KPL encode', 'aws-kinesis-agg', [2.5, 4]),
  goal('CSV, short', 'csv-parse', [10, 20]),
  goal('CSV, long', 'csv-parse', [10, 20]),
  goal('pipeline', 'naive pipeline', [40, 60]),
  goal('replay', '', [0.6, 1.2], 'M trips/s'),
  goal('consumer', '', [1, 2.5], 'M trips/s'),
  { ...goal('flush', '', [15, 6], 's'), less: true },
  goal('e2e', 'bare put + get loop', [60, 80], '%'),
]

function goal(
  subject: string,
  peer: string,
  [must, target]: readonly [number, number],
  unit = '×',
): Goal {
  return { what: subject, subject, peer, must, target, unit }
}
