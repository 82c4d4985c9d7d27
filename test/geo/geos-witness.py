"""Compares answers with GEOS. Usage: geos-witness.py districts.geojson id-property points.bin

points.bin: for each point lon, lat and the position of its district in the sorted ids (-1: none),
three little-endian doubles. Prints one JSON object: points compared, and the first that differ.
A point on a border is no evidence, because GEOS has another rule there: it is not compared.
"""
import json
import sys

import numpy as np
import shapely
from shapely.geometry import shape

path, id_property, points_path = sys.argv[1:4]
with open(path) as file:
    features = [f for f in json.load(file)["features"] if f["geometry"]]
lons, lats, answers = np.fromfile(points_path, dtype="<f8").reshape(-1, 3).T

names = {str(f["properties"][id_property]) for f in features}
numeric = all(name.replace(".", "", 1).lstrip("-").isdigit() for name in names)
position = {name: i for i, name in enumerate(sorted(names, key=float if numeric else str))}

first = np.full(len(lons), -1.0)
on_border = np.zeros(len(lons), dtype=bool)
for feature in features:
    geometry = shape(feature["geometry"])
    shapely.prepare(geometry)
    west, south, east, north = geometry.bounds
    near = np.flatnonzero((lons >= west) & (lons <= east) & (lats >= south) & (lats <= north))
    inside = shapely.contains_xy(geometry, lons[near], lats[near])
    covered = shapely.intersects_xy(geometry, lons[near], lats[near])
    on_border[near[covered & ~inside]] = True
    new = near[inside]
    new = new[first[new] == -1]
    first[new] = position[str(feature["properties"][id_property])]

compared = ~on_border
wrong = np.flatnonzero(compared & (first != answers))
examples = [[lons[i], lats[i], answers[i], first[i]] for i in wrong[:3]]
print(json.dumps({"compared": int(compared.sum()), "wrong": len(wrong), "examples": examples}))
