/**
 * The neighbourhoods of the sample city: approximate centres from common knowledge, and how
 * strongly each pulls taxi trips (made up, to be plausible). A long neighbourhood has several
 * centres. Ids are stable: add new ones at the end of a borough, never renumber.
 */
import { parsePositions, type Position } from './ring.ts'

export interface Neighbourhood {
  id: string
  name: string
  borough: string
  /** The first is where most of its trips begin and end. */
  centres: readonly Position[]
  pull: Pull
}

/** Relative weights, ≥ 0: people who live or stay there, who work or shop there, who go out there. */
export interface Pull {
  home: number
  work: number
  night: number
  airport: number
}

const BOROUGHS: ReadonlyMap<string, string> = new Map([
  ['MN', 'Manhattan'],
  ['BK', 'Brooklyn'],
  ['QN', 'Queens'],
  ['BX', 'Bronx'],
  ['SI', 'Staten Island'],
])

/** For rows without numbers of their own. */
const USUAL_PULL: ReadonlyMap<string, Pull> = new Map([
  ['MN', { home: 4, work: 3, night: 2, airport: 0 }],
  ['BK', { home: 0.4, work: 0.12, night: 0.1, airport: 0 }],
  ['QN', { home: 0.25, work: 0.08, night: 0.05, airport: 0 }],
  ['BX', { home: 0.15, work: 0.05, night: 0.03, airport: 0 }],
  ['SI', { home: 0.02, work: 0.01, night: 0.005, airport: 0 }],
])

/** id | name | centres, lon lat | home work night airport */
const TABLE = `
  MN-01 | Battery Park City | -74.0160 40.7110 | 5 6 2 0
  MN-02 | Financial District | -74.0095 40.7060 | 6 11 4 0
  MN-03 | Tribeca | -74.0090 40.7185 | 6 5 5 0
  MN-04 | Civic Center | -74.0030 40.7130 | 2 4 1 0
  MN-05 | Chinatown | -73.9970 40.7160 | 3 3 3 0
  MN-06 | Lower East Side | -73.9865 40.7180, -73.9800 40.7150 | 6 2 11 0
  MN-07 | Two Bridges | -73.9925 40.7115 | 1 0.5 0.5 0
  MN-08 | Nolita | -73.9955 40.7220 | 3 3 6 0
  MN-09 | SoHo | -74.0010 40.7240 | 5 7 7 0
  MN-10 | Hudson Square | -74.0075 40.7265 | 2 4 3 0
  MN-11 | West Village | -74.0050 40.7345 | 8 3 10 0
  MN-12 | Greenwich Village | -73.9990 40.7310 | 7 5 10 0
  MN-13 | NoHo | -73.9930 40.7275 | 2 2 5 0
  MN-14 | East Village | -73.9850 40.7275 | 10 3 17 0
  MN-15 | Alphabet City | -73.9780 40.7245 | 4 1 6 0
  MN-16 | Stuyvesant Town | -73.9775 40.7320 | 4 1 1 0
  MN-17 | Gramercy | -73.9845 40.7365 | 8 4 7 0
  MN-18 | Union Square | -73.9910 40.7355 | 6 8 9 0
  MN-19 | Flatiron District | -73.9895 40.7410 | 4 9 7 0
  MN-20 | Chelsea | -74.0005 40.7455 | 9 7 8 0
  MN-21 | Meatpacking District | -74.0070 40.7405 | 2 4 12 0
  MN-22 | Kips Bay | -73.9785 40.7415 | 7 5 4 0
  MN-23 | NoMad | -73.9870 40.7450 | 4 7 6 0
  MN-24 | Murray Hill | -73.9765 40.7480 | 9 7 6 0
  MN-25 | Herald Square | -73.9875 40.7495 | 4 10 4 0
  MN-26 | Penn Station | -73.9940 40.7505 | 6 13 4 0
  MN-27 | Hudson Yards | -74.0015 40.7545 | 2 4 2 0
  MN-28 | Garment District | -73.9905 40.7540 | 5 9 4 0
  MN-29 | Times Square | -73.9860 40.7585 | 8 12 11 0
  MN-30 | Hell's Kitchen | -73.9925 40.7620 | 9 5 9 0
  MN-31 | Grand Central | -73.9775 40.7530 | 6 16 4 0
  MN-32 | Rockefeller Center | -73.9795 40.7585 | 5 14 6 0
  MN-33 | Turtle Bay | -73.9695 40.7520 | 6 8 4 0
  MN-34 | East Midtown | -73.9711 40.7593 | 5 14 4 0
  MN-35 | Sutton Place | -73.9630 40.7565 | 6 4 3 0
  MN-36 | Midtown North | -73.9800 40.7630 | 7 13 6 0
  MN-37 | Columbus Circle | -73.9882 40.7680 | 5 6 4 0
  MN-38 | Central Park | -73.9657 40.7826, -73.9752 40.7696, -73.9705 40.7761, -73.9609 40.7891, -73.9562 40.7956 | 0.6 0.8 0.3 0
  MN-39 | Lincoln Square | -73.9841 40.7733 | 10 8 7 0
  MN-40 | Upper West Side | -73.9794 40.7798, -73.9746 40.7863, -73.9698 40.7928 | 17 6 7 0
  MN-41 | Manhattan Valley | -73.9651 40.7993 | 4 1.5 1.5 0
  MN-42 | Lenox Hill | -73.9620 40.7655, -73.9663 40.7659, -73.9575 40.7640 | 14 11 5 0
  MN-43 | Upper East Side | -73.9616 40.7724, -73.9568 40.7789 | 17 8 6 0
  MN-44 | Yorkville | -73.9500 40.7755, -73.9465 40.7790 | 13 4 5 0
  MN-45 | Carnegie Hill | -73.9520 40.7854 | 8 4 2 0
  MN-46 | East Harlem | -73.9420 40.7950, -73.9473 40.7919, -73.9425 40.7983, -73.9345 40.7985 | 4 1.5 1 0
  MN-47 | Morningside Heights | -73.9635 40.8085, -73.9603 40.8058 | 4 2.5 1.5 0
  MN-48 | Harlem | -73.9465 40.8085, -73.9514 40.8021, -73.9420 40.8140 | 5 2 3 0
  MN-49 | Manhattanville | -73.9555 40.8170 | 1.5 0.7 0.5 0
  MN-50 | Hamilton Heights | -73.9485 40.8250 | 2 0.6 0.6 0
  MN-51 | Washington Heights | -73.9400 40.8400, -73.9370 40.8480 | 2.5 1.2 0.6 0
  MN-52 | Hudson Heights | -73.9370 40.8560 | 1.2 0.3 0.2 0
  MN-53 | Inwood | -73.9215 40.8670 | 1 0.3 0.3 0
  MN-54 | Roosevelt Island | -73.9500 40.7615 | 0.8 0.3 0.1 0
  MN-55 | Randall's Island | -73.9245 40.7935 | 0.1 0.2 0.1 0
  MN-56 | Governors Island | -74.0190 40.6890 | 0 0 0 0
  MN-57 | Marble Hill | -73.9110 40.8762 | 0.2 0.1 0 0
  BK-01 | Greenpoint | -73.9510 40.7290 | 2 0.6 2 0
  BK-02 | Williamsburg | -73.9590 40.7160 | 4 1.5 8 0
  BK-03 | South Williamsburg | -73.9600 40.7065 | 1.5 0.4 2 0
  BK-04 | East Williamsburg | -73.9400 40.7130 | 1.6 0.5 3 0
  BK-05 | Bushwick | -73.9200 40.6950 | 1.5 0.3 2.2 0
  BK-06 | Navy Yard | -73.9720 40.7010 | 0.3 0.6 0.2 0
  BK-07 | DUMBO | -73.9880 40.7025 | 1.2 1.2 1.2 0
  BK-08 | Brooklyn Heights | -73.9945 40.6955 | 2.2 1 1 0
  BK-09 | Downtown Brooklyn | -73.9860 40.6925 | 2 3 1.5 0
  BK-10 | Fort Greene | -73.9745 40.6905 | 1.8 0.8 1.5 0
  BK-11 | Clinton Hill | -73.9650 40.6895 | 1.4 0.5 0.8 0
  BK-12 | Bedford-Stuyvesant | -73.9425 40.6870, -73.9300 40.6830 | 1.8 0.4 1 0
  BK-13 | Boerum Hill | -73.9840 40.6855 | 1.6 0.7 1.4 0
  BK-14 | Cobble Hill | -73.9960 40.6870 | 1.4 0.6 1.2 0
  BK-15 | Carroll Gardens | -73.9970 40.6795 | 1.3 0.4 1 0
  BK-16 | Gowanus | -73.9890 40.6735 | 0.6 0.5 0.9 0
  BK-17 | Red Hook | -74.0100 40.6755 | 0.4 0.2 0.4 0
  BK-18 | Park Slope | -73.9800 40.6720 | 2.4 0.7 1.6 0
  BK-19 | South Slope | -73.9890 40.6630 | 1 0.3 0.6 0
  BK-20 | Prospect Heights | -73.9685 40.6770 | 1.4 0.5 1.1 0
  BK-21 | Prospect Park | -73.9690 40.6620 | 0.1 0.1 0.05 0
  BK-22 | Crown Heights | -73.9500 40.6715, -73.9350 40.6710 | 1.3 0.3 0.8 0
  BK-23 | Prospect Lefferts Gardens | -73.9520 40.6595
  BK-24 | East Flatbush | -73.9300 40.6500
  BK-25 | Flatbush | -73.9590 40.6450
  BK-26 | Kensington | -73.9760 40.6400
  BK-27 | Windsor Terrace | -73.9800 40.6540
  BK-28 | Sunset Park | -74.0090 40.6470
  BK-29 | Borough Park | -73.9920 40.6330
  BK-30 | Bay Ridge | -74.0290 40.6290
  BK-31 | Fort Hamilton | -74.0290 40.6130
  BK-32 | Dyker Heights | -74.0110 40.6210
  BK-33 | Bensonhurst | -73.9940 40.6110
  BK-34 | Bath Beach | -74.0080 40.6030
  BK-35 | Gravesend | -73.9760 40.5980
  BK-36 | Coney Island | -73.9830 40.5760
  BK-37 | Sea Gate | -74.0070 40.5770 | 0.05 0 0 0
  BK-38 | Brighton Beach | -73.9610 40.5785
  BK-39 | Sheepshead Bay | -73.9450 40.5900
  BK-40 | Manhattan Beach | -73.9410 40.5775 | 0.1 0.05 0.02 0
  BK-41 | Midwood | -73.9620 40.6220
  BK-42 | Marine Park | -73.9310 40.6070 | 0.2 0.05 0.03 0
  BK-43 | Flatlands | -73.9310 40.6270
  BK-44 | Mill Basin | -73.9100 40.6170 | 0.2 0.05 0.03 0
  BK-45 | Floyd Bennett Field | -73.8920 40.5920 | 0.02 0.02 0 0
  BK-46 | Canarsie | -73.8990 40.6390
  BK-47 | Brownsville | -73.9100 40.6620
  BK-48 | Ocean Hill | -73.9130 40.6770
  BK-49 | East New York | -73.8830 40.6660
  BK-50 | Starrett City | -73.8800 40.6480
  BK-51 | Cypress Hills | -73.8850 40.6810
  QN-01 | Hunters Point | -73.9550 40.7440 | 1.6 0.8 0.8 0
  QN-02 | Long Island City | -73.9440 40.7470 | 1.6 1.2 0.7 0
  QN-03 | Ravenswood | -73.9390 40.7580 | 0.6 0.2 0.2 0
  QN-04 | Astoria | -73.9220 40.7640 | 2 0.5 1.6 0
  QN-05 | Old Astoria | -73.9290 40.7720 | 0.7 0.2 0.4 0
  QN-06 | Ditmars Steinway | -73.9080 40.7770 | 0.8 0.2 0.4 0
  QN-07 | Sunnyside | -73.9210 40.7420 | 1.2 0.4 0.6 0
  QN-08 | Woodside | -73.9030 40.7450 | 0.8 0.2 0.4 0
  QN-09 | Jackson Heights | -73.8840 40.7550 | 1 0.3 0.7 0
  QN-10 | East Elmhurst | -73.8730 40.7635 | 0.4 0.2 0.1 0
  QN-11 | Elmhurst | -73.8800 40.7370 | 0.7 0.3 0.3 0
  QN-12 | Corona | -73.8600 40.7480
  QN-13 | Maspeth | -73.9110 40.7250
  QN-14 | Ridgewood | -73.9040 40.7050 | 0.5 0.1 0.3 0
  QN-15 | Glendale | -73.8790 40.7010
  QN-16 | Middle Village | -73.8800 40.7180
  QN-17 | Rego Park | -73.8620 40.7270 | 0.6 0.2 0.1 0
  QN-18 | Forest Hills | -73.8450 40.7190 | 0.8 0.3 0.3 0
  QN-19 | Flushing Meadows | -73.8440 40.7440 | 0.1 0.3 0.2 0
  QN-20 | Kew Gardens | -73.8300 40.7080
  QN-21 | Kew Gardens Hills | -73.8220 40.7270
  QN-22 | Flushing | -73.8280 40.7610 | 0.6 0.4 0.3 0
  QN-23 | Murray Hill, Queens | -73.8090 40.7640
  QN-24 | College Point | -73.8490 40.7850
  QN-25 | Whitestone | -73.8150 40.7880
  QN-26 | Bay Terrace | -73.7830 40.7830
  QN-27 | Auburndale | -73.7900 40.7600
  QN-28 | Bayside | -73.7690 40.7640
  QN-29 | Douglaston | -73.7450 40.7660
  QN-30 | Glen Oaks | -73.7150 40.7470
  QN-31 | Oakland Gardens | -73.7560 40.7450
  QN-32 | Fresh Meadows | -73.7870 40.7370
  QN-33 | Jamaica Estates | -73.7850 40.7180
  QN-34 | Jamaica | -73.8010 40.7030 | 0.5 0.4 0.1 0
  QN-35 | Hollis | -73.7640 40.7110
  QN-36 | Queens Village | -73.7420 40.7180
  QN-37 | Bellerose | -73.7190 40.7330
  QN-38 | Richmond Hill | -73.8270 40.6950
  QN-39 | Woodhaven | -73.8560 40.6910
  QN-40 | Ozone Park | -73.8450 40.6790
  QN-41 | South Ozone Park | -73.8160 40.6740
  QN-42 | Howard Beach | -73.8400 40.6580
  QN-43 | South Jamaica | -73.7900 40.6840
  QN-44 | St. Albans | -73.7610 40.6930
  QN-45 | Cambria Heights | -73.7370 40.6930
  QN-46 | Springfield Gardens | -73.7650 40.6690
  QN-47 | Laurelton | -73.7450 40.6710
  QN-48 | Rosedale | -73.7360 40.6560
  QN-49 | Broad Channel | -73.8200 40.6050 | 0.02 0.01 0 0
  QN-50 | Far Rockaway | -73.7550 40.6030 | 0.15 0.05 0.02 0
  QN-51 | Arverne | -73.7930 40.5910 | 0.1 0.03 0.02 0
  QN-52 | Rockaway Beach | -73.8200 40.5840 | 0.15 0.03 0.05 0
  QN-53 | Belle Harbor | -73.8520 40.5750 | 0.05 0.02 0.02 0
  QN-54 | Breezy Point | -73.9050 40.5570 | 0.02 0.01 0 0
  QN-JFK | JFK Airport | -73.7840 40.6450, -73.8030 40.6490, -73.7700 40.6350 | 0 0 0 9
  QN-LGA | LaGuardia Airport | -73.8720 40.7745, -73.8640 40.7750 | 0 0 0 10
  BX-01 | Mott Haven | -73.9230 40.8100 | 0.3 0.15 0.1 0
  BX-02 | Port Morris | -73.9120 40.8030
  BX-03 | Melrose | -73.9140 40.8210
  BX-04 | Concourse | -73.9240 40.8270 | 0.3 0.3 0.1 0
  BX-05 | Highbridge | -73.9260 40.8370
  BX-06 | Morrisania | -73.9040 40.8310
  BX-07 | Longwood | -73.8980 40.8180
  BX-08 | Hunts Point | -73.8830 40.8100
  BX-09 | Mount Eden | -73.9120 40.8420
  BX-10 | Morris Heights | -73.9180 40.8490
  BX-11 | Tremont | -73.8950 40.8460
  BX-12 | University Heights | -73.9080 40.8600
  BX-13 | Fordham | -73.8980 40.8610 | 0.2 0.2 0.05 0
  BX-14 | Belmont | -73.8870 40.8550
  BX-15 | Bedford Park | -73.8880 40.8710
  BX-16 | Kingsbridge | -73.9030 40.8800
  BX-17 | Spuyten Duyvil | -73.9160 40.8830
  BX-18 | Riverdale | -73.9070 40.8980
  BX-19 | Van Cortlandt Park | -73.8870 40.8970 | 0.03 0.03 0 0
  BX-20 | Norwood | -73.8780 40.8790
  BX-21 | Woodlawn | -73.8670 40.8970
  BX-22 | Wakefield | -73.8510 40.8940
  BX-23 | Williamsbridge | -73.8590 40.8790
  BX-24 | Eastchester | -73.8310 40.8860
  BX-25 | Co-op City | -73.8290 40.8720
  BX-26 | Bronx Park | -73.8760 40.8590 | 0.05 0.1 0 0
  BX-27 | Pelham Parkway | -73.8570 40.8610
  BX-28 | Morris Park | -73.8500 40.8500
  BX-29 | Parkchester | -73.8600 40.8380
  BX-30 | Soundview | -73.8690 40.8240
  BX-31 | Clason Point | -73.8540 40.8120
  BX-32 | Castle Hill | -73.8480 40.8240
  BX-33 | Westchester Square | -73.8400 40.8390
  BX-34 | Throgs Neck | -73.8200 40.8200
  BX-35 | Country Club | -73.8200 40.8400
  BX-36 | Pelham Bay Park | -73.8050 40.8690 | 0.03 0.03 0 0
  BX-37 | City Island | -73.7865 40.8475 | 0.03 0.01 0.01 0
  SI-01 | St. George | -74.0790 40.6420 | 0.05 0.04 0.01 0
  SI-02 | Stapleton | -74.0780 40.6270
  SI-03 | Rosebank | -74.0680 40.6120
  SI-04 | South Beach | -74.0720 40.5930
  SI-05 | Dongan Hills | -74.0970 40.5870
  SI-06 | New Dorp | -74.1150 40.5710
  SI-07 | Todt Hill | -74.1110 40.6000
  SI-08 | Great Kills | -74.1500 40.5530
  SI-09 | Eltingville | -74.1680 40.5420
  SI-10 | Annadale | -74.1850 40.5300
  SI-11 | Rossville | -74.2060 40.5480
  SI-12 | Tottenville | -74.2380 40.5110
  SI-13 | New Springville | -74.1640 40.5850
  SI-14 | Travis | -74.1890 40.5930
  SI-15 | Fresh Kills | -74.1870 40.5700
  SI-16 | Bulls Head | -74.1640 40.6080
  SI-17 | Castleton Corners | -74.1220 40.6150
  SI-18 | West Brighton | -74.1080 40.6330
  SI-19 | Port Richmond | -74.1330 40.6340
  SI-20 | Mariners Harbor | -74.1580 40.6350`

export const NEIGHBOURHOODS: readonly Neighbourhood[] = TABLE.trim().split('\n').map(parseRow)

function parseRow(line: string): Neighbourhood {
  const [id, name, centres, numbers] = line.split('|').map((cell) => cell.trim())
  const borough = BOROUGHS.get(id.slice(0, 2))
  const pull = numbers === undefined ? USUAL_PULL.get(id.slice(0, 2)) : parsePull(numbers)
  if (borough === undefined || pull === undefined || centres === undefined) {
    throw new Error(`neighbourhood: got ${JSON.stringify(line)}, expected id | name | centres`)
  }
  return { id, name, borough, centres: parsePositions(centres), pull }
}

function parsePull(numbers: string): Pull {
  const [home, work, night, airport] = numbers.split(' ').map(Number)
  return { home, work, night, airport }
}
