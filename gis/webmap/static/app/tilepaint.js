// What a big layer looks like on the canvas of a tile: the same as gis/symbols.js draws in SVG.
import { EDGE_STEPS, FILLED, GLYPHS, HATCH_PARTS, HATCH_PATHS, SHAPES, UNSETTLED, pathOptions, symbolSize } from "gis/symbols.js";

const MERGED_PX = 0.6;
const FULL_PX = 24; // features smaller than this have a thinner outline, or they would be all outline
const HATCH_PX = 8; // 256 is a multiple: the hatch goes on across tiles
const patterns = new Map();

/** Paint a point symbol with its middle at x, y. */
export function paintMarker(ctx, style, x, y) {
  const px = symbolSize(style);
  const ground = style.fill || style.stroke || "#444444";
  ctx.save();
  ctx.translate(x - px / 2, y - px / 2);
  ctx.scale(px / 22, px / 22);
  ctx.translate(1, 1);
  const glyph = GLYPHS[style.marker];
  const shape = SHAPES[style.marker];
  const body = glyph || !shape ? circle(glyph ? 9.6 : 8.2) : new Path2D(shape);
  ctx.fillStyle = ground;
  ctx.fill(body);
  ctx.strokeStyle = glyph || shape ? "#ffffff" : style.stroke || "#444444";
  ctx.lineWidth = glyph || shape ? 1.6 : 3;
  ctx.stroke(body);
  if (glyph) paintGlyph(ctx, glyph, FILLED.has(style.marker));
  ctx.restore();
}

function circle(radius) {
  const path = new Path2D();
  path.arc(10, 10, radius, 0, 2 * Math.PI);
  return path;
}

function paintGlyph(ctx, glyph, filled) {
  const path = new Path2D(glyph);
  ctx.fillStyle = "#ffffff";
  ctx.strokeStyle = "#ffffff";
  ctx.lineWidth = 1.5;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  if (filled) ctx.fill(path);
  else ctx.stroke(path);
}

/** Return the hatch of a style as a canvas pattern. */
export function paintHatch(ctx, style) {
  const ratio = window.devicePixelRatio || 1;
  const key = `${style.hatch} ${style.stroke} ${ratio}`;
  if (!patterns.has(key)) patterns.set(key, drawTile(style, ratio));
  const pattern = ctx.createPattern(patterns.get(key), "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

function drawTile(style, ratio) {
  const tile = document.createElement("canvas");
  tile.width = Math.round(HATCH_PX * ratio);
  tile.height = tile.width;
  const pen = tile.getContext("2d");
  pen.scale(tile.width / 10, tile.width / 10);
  pen.fillStyle = style.stroke;
  pen.strokeStyle = style.stroke;
  pen.lineWidth = 0.9;
  if (style.hatch.startsWith(".") || style.hatch === "o") {
    pen.globalAlpha = 0.45;
    for (const at of [2.5, 7.5]) {
      pen.beginPath();
      pen.arc(at, at, style.hatch === "o" ? 1.8 : 0.9, 0, 2 * Math.PI);
      pen.fill();
    }
  } else {
    pen.globalAlpha = 0.42;
    for (const name of HATCH_PARTS[style.hatch] || [style.hatch]) pen.stroke(new Path2D(HATCH_PATHS[name].join("")));
  }
  return tile;
}

const POINT = 1;
const LINE = 2;

function trace(ctx, geom, closed) {
  ctx.beginPath();
  for (const line of geom) {
    ctx.moveTo(line[0].x, line[0].y);
    for (let at = 1; at < line.length; at += 1) ctx.lineTo(line[at].x, line[at].y);
    if (closed) ctx.closePath();
  }
}

/** The blurred outline of an uncertain feature, as wide as its accuracy. */
export class SoftEdge {
  constructor(layer, style) {
    Object.assign(this, { layer, colour: style.stroke || style.fill });
  }

  draw(ctx, geom, zoom, { props, geomType }) {
    const reach = this.layer.softPixels(props, zoom);
    if (reach <= 1.25 || props.inner || props.merged) return;
    ctx.save();
    ctx.strokeStyle = this.colour;
    ctx.fillStyle = this.colour;
    ctx.lineCap = "round";
    ctx.lineJoin = "round";
    if (geomType === POINT) {
      ctx.globalAlpha = 0.09;
      for (const [{ x, y }] of geom) {
        ctx.beginPath();
        ctx.arc(x, y, reach, 0, 2 * Math.PI);
        ctx.fill();
      }
    } else {
      trace(ctx, geom, false);
      for (const [share, opacity] of EDGE_STEPS) {
        ctx.globalAlpha = opacity;
        ctx.lineWidth = 2 * reach * share;
        ctx.stroke();
      }
    }
    ctx.restore();
  }
}

/** A feature itself: ground, hatch, outline or symbol as maps/styles.toml has them. */
export class Body {
  constructor(layer, name) {
    Object.assign(this, { layer, style: layer.config.styles[name] });
    this.look = pathOptions(name, this.style, 2);
  }

  draw(ctx, geom, zoom, feature) {
    const { props, geomType } = feature;
    if (geomType === POINT) {
      for (const [{ x, y }] of geom) paintMarker(ctx, this.style, x, y);
      return;
    }
    ctx.save();
    trace(ctx, geom, false);
    const open = !this.layer.isSettled(props);
    if (geomType !== LINE && this.look.fill && !open) this.fill(ctx, props);
    if (!props.inner) this.stroke(ctx, feature, geom, open);
    ctx.restore();
  }

  fill(ctx, props) {
    if (this.style.fill) {
      ctx.globalAlpha = this.style.fill_opacity;
      ctx.fillStyle = this.style.fill;
      ctx.fill();
    }
    if (this.style.hatch && !props.merged) {
      ctx.globalAlpha = 1;
      ctx.fillStyle = paintHatch(ctx, this.style);
      ctx.fill();
    }
  }

  stroke(ctx, { props, geomType }, geom, open) {
    const { color, weight, dashArray, lineCap } = this.look;
    if (props.merged && this.look.fill) return;
    const dash = open ? UNSETTLED.dashArray : dashArray;
    const full = open ? UNSETTLED.weight : weight;
    ctx.globalAlpha = open ? UNSETTLED.opacity : 1;
    ctx.strokeStyle = color;
    ctx.lineWidth = props.merged ? MERGED_PX : geomType === LINE ? full : full * Math.min(1, 0.25 + sizeOf(geom) / FULL_PX);
    ctx.setLineDash(dash && !props.merged ? dash.split(" ").map(Number) : []);
    ctx.lineCap = lineCap;
    ctx.lineJoin = "round";
    if (this.look.stroke || props.merged) ctx.stroke();
  }
}

// The greater of width and height of the first ring, pixels.
function sizeOf([ring]) {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of ring) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    north = Math.min(north, y);
    south = Math.max(south, y);
  }
  return Math.max(east - west, south - north);
}
