// Plain geometry on GeoJSON in degrees: boxes, hits, anchors for labels.

/** Call back with every [lon, lat] of a geometry. */
export function eachPoint(geometry, work) {
  const walk = (value) => (typeof value[0] === "number" ? work(value) : value.forEach(walk));
  if (geometry.type === "GeometryCollection") geometry.geometries.forEach((part) => eachPoint(part, work));
  else walk(geometry.coordinates);
}

/** Return [west, south, east, north]. */
export function boxOf(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  eachPoint(geometry, ([x, y]) => {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  });
  return box;
}

/** Return 0 for points, 1 for lines, 2 for areas. */
export function dimensionOf(geometry) {
  if (geometry.type.endsWith("Polygon")) return 2;
  if (geometry.type.endsWith("LineString")) return 1;
  if (geometry.type === "GeometryCollection") return Math.max(0, ...geometry.geometries.map(dimensionOf));
  return 0;
}

/** Return the parts of a geometry as [type, coordinates] of single points, lines and polygons. */
export function partsOf(geometry) {
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(partsOf);
  if (!geometry.type.startsWith("Multi")) return [[geometry.type, geometry.coordinates]];
  return geometry.coordinates.map((part) => [geometry.type.slice(5), part]);
}

function inRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function inPolygon(point, [shell, ...holes]) {
  return inRing(point, shell) && !holes.some((hole) => inRing(point, hole));
}

// Distance from a point to a segment with east–west degrees shortened by `k`, in degrees of latitude.
function segmentDistance([x, y], [x1, y1], [x2, y2], k) {
  const [px, py, dx, dy] = [(x - x1) * k, y - y1, (x2 - x1) * k, y2 - y1];
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
  return Math.hypot(px - t * dx, py - t * dy);
}

function lineDistance(point, line, k) {
  let least = Infinity;
  for (let i = 1; i < line.length; i += 1) least = Math.min(least, segmentDistance(point, line[i - 1], line[i], k));
  return least;
}

/** Return whether a geometry is at a point, within a tolerance in degrees of latitude. */
export function isHit(geometry, point, tolerance) {
  const k = Math.cos((point[1] * Math.PI) / 180);
  return partsOf(geometry).some(([type, coordinates]) => {
    if (type === "Polygon") {
      return inPolygon(point, coordinates) || lineDistance(point, coordinates[0], k) < tolerance / 2;
    }
    if (type === "LineString") return lineDistance(point, coordinates, k) < tolerance;
    return Math.hypot((point[0] - coordinates[0]) * k, point[1] - coordinates[1]) < tolerance * 1.6;
  });
}

/** Return the borders of areas as lines, a border that two areas share only once: dashes then stay dashes. */
export function bordersOf(geometries) {
  const seen = new Set();
  const lines = [];
  const key = ([x, y]) => `${x.toFixed(5)},${y.toFixed(5)}`;
  for (const ring of geometries.flatMap(partsOf).filter(([type]) => type === "Polygon").flatMap(([, rings]) => rings)) {
    let line = [];
    for (let i = 1; i < ring.length; i += 1) {
      const [a, b] = [key(ring[i - 1]), key(ring[i])];
      const edge = a < b ? `${a} ${b}` : `${b} ${a}`;
      if (seen.has(edge)) {
        if (line.length > 1) lines.push(line);
        line = [];
        continue;
      }
      seen.add(edge);
      if (!line.length) line.push(ring[i - 1]);
      line.push(ring[i]);
    }
    if (line.length > 1) lines.push(line);
  }
  return { type: "MultiLineString", coordinates: lines };
}

function edgeDistance(point, polygon, k) {
  const inside = inPolygon(point, polygon);
  const least = Math.min(...polygon.map((ring) => lineDistance(point, ring, k)));
  return inside ? least : -least;
}

// A point well inside a polygon: the best of a grid, refined twice round the best so far.
function innerPoint(polygon) {
  let [west, south, east, north] = boxOf({ type: "Polygon", coordinates: polygon });
  const k = Math.cos((south * Math.PI) / 180);
  let best = [(west + east) / 2, (south + north) / 2];
  let most = edgeDistance(best, polygon, k);
  for (let turn = 0; turn < 3; turn += 1) {
    const [w, h] = [(east - west) / 8, (north - south) / 8];
    for (let i = 0; i < 8; i += 1) {
      for (let j = 0; j < 8; j += 1) {
        const point = [west + (i + 0.5) * w, south + (j + 0.5) * h];
        const depth = edgeDistance(point, polygon, k);
        if (depth > most) [best, most] = [point, depth];
      }
    }
    [west, south, east, north] = [best[0] - w, best[1] - h, best[0] + w, best[1] + h];
  }
  return best;
}

/** Return the largest part of a geometry as [type, coordinates]. */
export function mainPart(geometry) {
  const size = ([type, coordinates]) => {
    if (type === "Point") return 0;
    const [w, s, e, n] = boxOf({ type, coordinates });
    return (e - w) * (n - s) + 1e-12;
  };
  return partsOf(geometry).reduce((a, b) => (size(b) > size(a) ? b : a));
}

/** Return where the name of a geometry stands: inside its largest part, or in the middle of its longest line. */
export function anchorOf(geometry) {
  const [type, coordinates] = mainPart(geometry);
  if (type === "Polygon") return innerPoint(coordinates);
  if (type === "LineString") return coordinates[Math.floor(coordinates.length / 2)];
  return coordinates;
}
