// Names on the map: the more important first, none over another, more of them as one zooms in.
import { el, perFrame } from "gis/dom.js";
import { isPlaceShown } from "gis/layers.js";
import { anchorOf, boxOf, mainPart } from "gis/shapes.js";
import { language, nameOf } from "gis/words.js";

const FONT = '"Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC Pages","Noto Sans SC Variable",system-ui,sans-serif';
const MAX_LABELS = 160;
const LEAST_PX = 14;
const STRIP_PX = 30;
const BESIDE_PX = 80;
const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();

function textWidth(text, font) {
  const key = `${font}|${text}`;
  if (!widths.has(key)) {
    pen.font = font;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

function mainBox(geometry) {
  const [type, coordinates] = mainPart(geometry);
  return boxOf({ type, coordinates });
}

/** Return a name without the explanation in brackets at its end: the map is short, the feature panel is whole. */
function shorten(name) {
  return name.replace(/\s*[（(][^（）()]*[）)]$/, "");
}

function meets(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

// Where a label of this size may stand round or on its anchor, best first: offsets of its middle.
function positions(candidate, width, height) {
  if (candidate.inside) return [[0, 0], [0, -height], [0, height]];
  const gap = candidate.gap;
  return [
    [gap + width / 2, 0], [-(gap + width / 2), 0], [0, -(gap + height / 2)], [0, gap + height / 2],
    [gap + width / 2, -height * 0.7], [gap + width / 2, height * 0.7],
  ];
}

/** Keep the names of the shown layers laid out. */
export function placeLabels(app) {
  const { map, config } = app;
  const pane = map.createPane("labels");
  pane.classList.add("labels");
  pane.setAttribute("aria-hidden", "true");
  pane.style.zIndex = "620";

  function candidateOf(feature, zoom) {
    const style = config.styles[feature.style];
    const text = shorten(nameOf(feature.properties));
    if (!style.text_px || !text || feature.layer.facts.rule_id) return null;
    const place = feature.properties.kind === "place";
    if (place && !isPlaceShown(feature, config, zoom)) return null;
    const rank = Number(feature.properties.rank ?? 2);
    const size = place ? [15, 13, 12, 11][Math.min(Math.max(rank, 1), 4) - 1] : style.text_px;
    const weight = place ? (rank <= 1 ? 600 : 400) : feature.layer.facts.theme === "water" ? 500 : 600;
    feature.anchor ??= anchorOf(feature.geometry);
    const at = map.latLngToLayerPoint([feature.anchor[1], feature.anchor[0]]);
    feature.mainBox ??= mainBox(feature.geometry);
    const reach = pixelSize(feature.mainBox);
    const width = textWidth(text, `${weight} ${size}px ${FONT}`) + 6;
    const most = Math.max(reach.x, reach.y);
    if (feature.dimension > 0 && most < LEAST_PX) return null;
    const inside = feature.dimension > 0 && (most > width * 0.55 || most > BESIDE_PX);
    const importance = place ? [4000, 900, 300, 100][Math.min(Math.max(rank, 1), 4) - 1]
      : feature.dimension === 0 ? 1500 : (inside ? 500 : 200) + style.order * 12 + Math.min(Math.sqrt(reach.x * reach.y), 900);
    const gap = place ? 6 : feature.dimension > 0 ? reach.x / 2 + 4 : style.size_px * 0.8 + 4;
    return { feature, text, style, size, weight, at, width, height: size * 1.25, importance, gap, place, inside };
  }

  function pixelSize([west, south, east, north]) {
    const a = map.latLngToLayerPoint([south, west]);
    const b = map.latLngToLayerPoint([north, east]);
    return { x: Math.abs(b.x - a.x), y: Math.abs(b.y - a.y) };
  }

  function layOut() {
    const zoom = map.getZoom();
    const view = map.getBounds().pad(0.05);
    const [west, south, east, north] = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
    const candidates = [];
    for (const layer of app.layers.values()) {
      if (!layer.shown || layer.state !== "ready" || layer.fade > 0.9) continue;
      for (const feature of layer.features) {
        const [w, s, e, n] = feature.box;
        if (w > east || e < west || s > north || n < south) continue;
        const candidate = candidateOf(feature, zoom);
        if (candidate) candidates.push(candidate);
      }
    }
    candidates.sort((a, b) => b.importance - a.importance || (a.text < b.text ? -1 : 1));
    const corner = map.containerPointToLayerPoint([0, 0]);
    const far = map.containerPointToLayerPoint(map.getSize().subtract([0, STRIP_PX]));
    const taken = [furniture(corner)];
    const names = new Set();
    const drawn = [];
    for (const item of candidates) {
      if (drawn.length >= MAX_LABELS) break;
      const key = item.text;
      if (names.has(key) && item.feature.dimension > 0) continue;
      for (const [dx, dy] of positions(item, item.width, item.height)) {
        const [x, y] = [item.at.x + dx, item.at.y + dy];
        const box = [x - item.width / 2, y - item.height / 2, x + item.width / 2, y + item.height / 2];
        if (box[0] < corner.x || box[2] > far.x || box[1] < corner.y || box[3] > far.y) continue;
        if (taken.some((other) => meets(box, other))) continue;
        taken.push(box);
        names.add(key);
        drawn.push(draw(item, x, y));
        break;
      }
    }
    pane.replaceChildren(...drawn);
    pane.classList.remove("moving");
  }

  // The box that the toolbar covers, in the coordinates of the labels.
  function furniture(corner) {
    const bar = document.getElementById("tools");
    return [corner.x, corner.y, corner.x + bar.offsetLeft + bar.offsetWidth, corner.y + bar.offsetTop + bar.offsetHeight];
  }

  function draw(item, x, y) {
    const node = el("span", {
      class: item.place ? "label place" : "label",
      lang: language() === "en" ? "en" : "zh-CN",
      style: { color: item.style.text_colour, fontSize: `${item.size}px`, fontWeight: String(item.weight), width: `${item.width}px` },
    }, item.text);
    L.DomUtil.setPosition(node, L.point(x - item.width / 2, y - item.height / 2).round());
    return node;
  }

  const later = perFrame(layOut);
  map.on("zoomstart", () => pane.classList.add("moving"));
  map.on("moveend zoomend resize", later);
  document.fonts.addEventListener("loadingdone", () => {
    widths.clear();
    later();
  });
  return later;
}
