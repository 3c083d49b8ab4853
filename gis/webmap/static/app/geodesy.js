// Figures on the CGCS2000 ellipsoid (GB 22021-2008): Gauss-Krüger, geodesic length, area.

const A = 6378137.0;
const F = 1 / 298.257222101;
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RAD = Math.PI / 180;

/** Degrees → easting, northing in metres; central meridian 120°E, false easting 500 000 (EPSG:4549).
 *  Krüger's series in the third flattening to the fourth order: better than 1 mm within 4° of the meridian. */
export function toGaussKrueger(lon, lat) {
  const n = F / (2 - F);
  const radius = (A / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
  const alpha = [
    n / 2 - (2 * n ** 2) / 3 + (5 * n ** 3) / 16 + (41 * n ** 4) / 180,
    (13 * n ** 2) / 48 - (3 * n ** 3) / 5 + (557 * n ** 4) / 1440,
    (61 * n ** 3) / 240 - (103 * n ** 4) / 140,
    (49561 * n ** 4) / 161280,
  ];
  const phi = lat * RAD;
  const lambda = (lon - 120) * RAD;
  const t = Math.sinh(Math.atanh(Math.sin(phi)) - E * Math.atanh(E * Math.sin(phi)));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.atanh(Math.sin(lambda) / Math.sqrt(1 + t * t));
  let north = xi;
  let east = eta;
  alpha.forEach((value, index) => {
    const k = 2 * (index + 1);
    north += value * Math.sin(k * xi) * Math.cosh(k * eta);
    east += value * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return { east: 500000 + radius * east, north: radius * north };
}

/** Geodesic length in metres between two [lon, lat] (Vincenty 1975, inverse; not for antipodes). */
export function distance([lon1, lat1], [lon2, lat2]) {
  if (lon1 === lon2 && lat1 === lat2) return 0;
  const b = A * (1 - F);
  const L = (lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = L;
  let sinSigma, cosSigma, sigma, cosSqAlpha, cos2m;
  for (let turn = 0; turn < 100; turn += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    cosSigma = s1 * s2 + c1 * c2 * cl;
    sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    cosSqAlpha = 1 - sinAlpha ** 2;
    cos2m = cosSqAlpha ? cosSigma - (2 * s1 * s2) / cosSqAlpha : 0;
    const C = (F / 16) * cosSqAlpha * (4 + F * (4 - 3 * cosSqAlpha));
    const before = lambda;
    lambda = L + (1 - C) * F * sinAlpha *
      (sigma + C * sinSigma * (cos2m + C * cosSigma * (-1 + 2 * cos2m ** 2)));
    if (Math.abs(lambda - before) < 1e-12) break;
  }
  const u = (cosSqAlpha * (A ** 2 - b ** 2)) / b ** 2;
  const bigA = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)));
  const bigB = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
  const delta = bigB * sinSigma * (cos2m + (bigB / 4) * (cosSigma * (-1 + 2 * cos2m ** 2) -
    (bigB / 6) * cos2m * (-3 + 4 * sinSigma ** 2) * (-3 + 4 * cos2m ** 2)));
  return b * bigA * (sigma - delta);
}

/** Length in metres of a line of [lon, lat]. */
export function lineLength(points) {
  let total = 0;
  for (let i = 1; i < points.length; i += 1) total += distance(points[i - 1], points[i]);
  return total;
}

// Ordinate of the ellipsoidal cylindrical equal-area projection (Snyder 1987, equation 3-12), halved.
function authalic(lat) {
  const s = Math.sin(lat * RAD);
  return (A / 2) * ((1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E));
}

/** Area in m² of a ring of [lon, lat] whose edges are straight in lon/lat (each edge cut into short steps). */
export function ringArea(ring) {
  let twice = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [lon1, lat1] = ring[i];
    const [lon2, lat2] = ring[(i + 1) % ring.length];
    const steps = Math.max(1, Math.min(200, Math.ceil(Math.max(Math.abs(lon2 - lon1), Math.abs(lat2 - lat1)) / 0.01)));
    for (let k = 0; k < steps; k += 1) {
      const y1 = authalic(lat1 + ((lat2 - lat1) * k) / steps);
      const y2 = authalic(lat1 + ((lat2 - lat1) * (k + 1)) / steps);
      twice += A * RAD * ((lon2 - lon1) / steps) * (y1 + y2);
    }
  }
  return Math.abs(twice) / 2;
}

/** Area in m² of a GeoJSON geometry; 0 for points and lines. */
export function geometryArea(geometry) {
  if (geometry.type === "Polygon") return polygonArea(geometry.coordinates);
  if (geometry.type === "MultiPolygon") return geometry.coordinates.reduce((sum, part) => sum + polygonArea(part), 0);
  return 0;
}

function polygonArea([shell, ...holes]) {
  return ringArea(shell) - holes.reduce((sum, hole) => sum + ringArea(hole), 0);
}

/** Length in metres of a GeoJSON line geometry; 0 for the rest. */
export function geometryLength(geometry) {
  if (geometry.type === "LineString") return lineLength(geometry.coordinates);
  if (geometry.type === "MultiLineString") return geometry.coordinates.reduce((sum, part) => sum + lineLength(part), 0);
  return 0;
}
