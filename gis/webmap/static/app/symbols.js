// Styles as drawn on the screen: Leaflet path options, hatches, point symbols, legend swatches.
import { svg } from "gis/dom.js";

// Soft edges: at most so wide, in steps of width (share) and opacity.
export const EDGE_CAP_PX = 60;
export const EDGE_STEPS = [[1, 0.035], [0.86, 0.04], [0.72, 0.045], [0.58, 0.05], [0.44, 0.055], [0.3, 0.06], [0.16, 0.07]];
// A zone whose limits are not public lies somewhere inside: a dashed outline, no ground.
export const UNSETTLED = { fill: true, fillColor: "#ffffff", fillOpacity: 0.01, dashArray: "3 6", weight: 1.2, opacity: 0.8 };

export const GLYPHS = {
  anchor: "M10 4.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2M10 7.4v8M7.3 9.6h5.4M4.8 11.4c.3 2.6 2.4 4 5.2 4s4.9-1.4 5.2-4",
  plane: "M10 3.6c.7 0 1 .9 1 1.9v2.6l5 3v1.4l-5-1.5v2.9l1.6 1.2v1L10 15.4l-2.6.7v-1L9 13.900v-2.900l-5 1.500v-1.400l5-3V5.500c0-1 .3-1.900 1-1.900z",
  tank: "M5.5 8c0-1.200 2-2.100 4.500-2.100s4.500.9 4.500 2.100v5c0 1.200-2 2.100-4.500 2.100S5.500 14.200 5.500 13zM5.500 8c0 1.200 2 2.100 4.500 2.100s4.500-.9 4.500-2.100",
  box: "M5 7.300 10 4.800l5 2.500v5.600l-5 2.500-5-2.500zM5 7.300l5 2.500 5-2.500M10 9.800v5.600",
  star: "M10 4l1.800 3.800 4.200.5-3.100 2.900.8 4.100L10 13.300l-3.700 2 .8-4.100L4 8.300l4.200-.5z",
};
export const FILLED = new Set(["plane", "star"]);
export const SHAPES = {
  square: "M3.500 3.500h13v13h-13z",
  triangle: "M10 2.500 18 16.500H2z",
  diamond: "M10 1.800 18.200 10 10 18.200 1.800 10z",
  cross: "M7.500 2.500h5v5h5v5h-5v5h-5v-5h-5v-5h5z",
};

/** Return how wide a point symbol is drawn, pixels. */
export function symbolSize(style, size = style.size_px) {
  return GLYPHS[style.marker] || style.marker === "diamond" ? Math.max(size * 1.55, 18) : Math.max(size, 6);
}

/** Draw a point symbol; glyphs stand in a round badge. */
export function pointSymbol(style, size = style.size_px) {
  const stroke = style.stroke || "#444444";
  const ground = style.fill || stroke;
  const glyph = GLYPHS[style.marker];
  const px = symbolSize(style, size);
  const box = svg("svg", { viewBox: "-1 -1 22 22", width: px, height: px, "aria-hidden": "true", class: "symbol" });
  if (glyph) {
    box.append(svg("circle", { cx: 10, cy: 10, r: 9.6, fill: ground, stroke: "#ffffff", "stroke-width": 1.6 }));
    box.append(svg("path", {
      d: glyph, fill: FILLED.has(style.marker) ? "#ffffff" : "none", stroke: FILLED.has(style.marker) ? "none" : "#ffffff",
      "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round",
    }));
  } else if (SHAPES[style.marker]) {
    box.append(svg("path", { d: SHAPES[style.marker], fill: ground, stroke: "#ffffff", "stroke-width": 1.6 }));
  } else {
    box.append(svg("circle", { cx: 10, cy: 10, r: 8.2, fill: ground, stroke, "stroke-width": 3 }));
  }
  return box;
}

export const HATCH_PATHS = {
  "/": ["M-2 2 2-2M0 10 10 0M8 12 12 8"],
  "\\": ["M-2 8 2 12M0 0 10 10M8-2 12 2"],
  "|": ["M5 0V10"],
  "-": ["M0 5H10"],
};
export const HATCH_PARTS = { "+": ["|", "-"], x: ["/", "\\"], "//": ["/"], "\\\\": ["\\"], "--": ["-"], "||": ["|"] };

function hatchTile(style, size) {
  const tile = svg("g", {}, svg("rect", {
    width: 10, height: 10, fill: style.fill || "none", "fill-opacity": style.fill_opacity,
  }));
  if (style.hatch.startsWith(".") || style.hatch === "o") {
    const radius = style.hatch === "o" ? 1.8 : 0.9;
    for (const [x, y] of [[2.5, 2.5], [7.5, 7.5]]) {
      tile.append(svg("circle", { cx: x, cy: y, r: radius, fill: style.stroke, "fill-opacity": 0.45 }));
    }
  } else {
    for (const name of HATCH_PARTS[style.hatch] || [style.hatch]) {
      tile.append(svg("path", {
        d: HATCH_PATHS[name].join(""), fill: "none", stroke: style.stroke, "stroke-width": 0.9, "stroke-opacity": 0.42,
      }));
    }
  }
  tile.setAttribute("transform", `scale(${size / 10})`);
  return tile;
}

const hatchId = (name) => `hatch-${name}`;
const hatchSize = (style) => (style.hatch.length > 1 ? 6 : 9);

/** Lay the hatches of all styles into the page, where paths can refer to them. */
export function placeHatches(styles) {
  const patterns = Object.entries(styles).filter(([, style]) => style.hatch).map(([name, style]) => {
    const size = hatchSize(style);
    return svg("pattern", { id: hatchId(name), width: size, height: size, patternUnits: "userSpaceOnUse" }, hatchTile(style, size));
  });
  document.body.append(svg("svg", { width: 0, height: 0, class: "patterns", "aria-hidden": "true" }, svg("defs", {}, patterns)));
}

/** Return Leaflet's options for a path of this style. */
export function pathOptions(name, style, dimension) {
  const filled = dimension === 2 && (style.fill || style.hatch);
  return {
    stroke: Boolean(style.stroke),
    color: style.stroke || style.fill,
    weight: style.stroke_px,
    dashArray: style.dash_px.length ? style.dash_px.join(" ") : null,
    lineCap: style.dash_px.length ? "butt" : "round",
    lineJoin: "round",
    fill: Boolean(filled),
    fillColor: style.hatch ? `url(#${hatchId(name)})` : style.fill,
    fillOpacity: style.hatch ? 1 : style.fill_opacity,
    interactive: false,
  };
}

/** Draw a legend swatch of a style for areas, lines or points. */
export function swatch(name, style, geometryType) {
  if (geometryType === "Point") {
    return svg("svg", { viewBox: "0 0 28 18", width: 28, height: 18, class: "swatch", "aria-hidden": "true" },
      placeSymbol(pointSymbol(style)));
  }
  const line = geometryType === "LineString" || (!style.fill && !style.hatch);
  const shape = line
    ? svg("path", { d: "M2 12C8 3 14 17 26 6", fill: "none" })
    : svg("rect", { x: 2, y: 2, width: 24, height: 14, rx: 2.5, fill: style.hatch ? `url(#${hatchId(name)})` : style.fill });
  if (!line && !style.hatch) shape.setAttribute("fill-opacity", style.fill_opacity);
  if (style.stroke) {
    shape.setAttribute("stroke", style.stroke);
    shape.setAttribute("stroke-width", Math.min(style.stroke_px, 3));
    if (style.dash_px.length) shape.setAttribute("stroke-dasharray", style.dash_px.map((px) => px / 2.2).join(" "));
  }
  return svg("svg", { viewBox: "0 0 28 18", width: 28, height: 18, class: "swatch", "aria-hidden": "true" }, shape);
}

function placeSymbol(symbol) {
  const px = Math.min(Number(symbol.getAttribute("width")), 18);
  symbol.setAttribute("x", (28 - px) / 2);
  symbol.setAttribute("y", (18 - px) / 2);
  symbol.setAttribute("width", px);
  symbol.setAttribute("height", px);
  return symbol;
}
