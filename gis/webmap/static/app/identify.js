// What is here: the features at a point, each with its source, its accuracy and the rules that concern it.
import { el, icon, refill } from "gis/dom.js";
import { geometryArea, geometryLength } from "gis/geodesy.js";
import { isPlaceShown, metresPerPixel } from "gis/layers.js";
import { isHit } from "gis/shapes.js";
import { isTiledAt, tiledAt } from "gis/tiles.js";
import { kindLabel } from "gis/tree.js";
import { formatAccuracy, formatArea, formatLength, knows, nameOf, onLanguage, otherName, pickLanguage, say } from "gis/words.js";

const CROSS = "M5 5l10 10M15 5 5 15";
const TOLERANCE_PX = 9;
const LEVELS = ["prohibited", "restricted", "approval_needed", "notice"];

/** Return the features of the shown layers at [lon, lat]: points, then lines, then areas from small to large. */
export function featuresAt(app, point) {
  const zoom = app.map.getZoom();
  const tolerance = (TOLERANCE_PX * metresPerPixel(point[1], zoom)) / 111320;
  const found = [];
  for (const layer of app.layers.values()) {
    if (!layer.shown || layer.state !== "ready") continue;
    for (const feature of layer.features) {
      const [west, south, east, north] = feature.box;
      const pad = tolerance * 2;
      if (point[0] < west - pad || point[0] > east + pad || point[1] < south - pad || point[1] > north + pad) continue;
      if (feature.properties.kind === "place" && !isPlaceShown(feature, app.config, zoom)) continue;
      if (isHit(feature.geometry, point, tolerance)) found.push(feature);
    }
  }
  return smallFirst(found);
}

function smallFirst(features) {
  const size = ({ box }) => (box[2] - box[0]) * (box[3] - box[1]);
  return features.sort((a, b) => a.dimension - b.dimension || size(a) - size(b));
}

/** Return the same with the features of layers drawn from tiles, which the service is asked for. */
async function allFeaturesAt(app, point) {
  const reach = TOLERANCE_PX * metresPerPixel(point[1], app.map.getZoom());
  return smallFirst([...featuresAt(app, point), ...await tiledAt(app, point, reach)]);
}

const isGround = (feature) => feature.layer.facts.theme === "context" && feature.dimension > 0;

/** Let a click, or Enter on the map, tell what is there. */
export function placeIdentify(app) {
  const { map } = app;
  const panel = document.getElementById("identify");
  const marked = L.layerGroup().addTo(map);
  map.createPane("marked").style.zIndex = "610";
  const renderer = L.svg({ pane: "marked" });
  let last = null;

  function mark(features) {
    marked.clearLayers();
    for (const feature of features.slice(0, 1)) {
      L.geoJSON(feature, {
        interactive: false,
        style: () => ({ pane: "marked", renderer, color: "#d9622b", weight: 3, fill: false, interactive: false }),
        pointToLayer: (_, latlng) => L.circleMarker(latlng, { pane: "marked", renderer, radius: 14, color: "#d9622b", weight: 3, fill: false, interactive: false }),
      }).addTo(marked);
    }
  }

  function close() {
    panel.hidden = true;
    marked.clearLayers();
    last = null;
  }

  async function show(features, point, { focus = false } = {}) {
    last = [features, point];
    const things = features.filter((feature) => !isGround(feature));
    const ground = features.filter((feature) => isGround(feature) && nameOf(feature.properties));
    mark(things);
    const rules = await app.rules();
    refill(panel,
      el("header", { class: "identify-head" },
        el("h2", {}, say("identify")),
        el("button", { type: "button", class: "round", "aria-label": say("close"), onclick: () => { close(); map.getContainer().focus(); } }, icon(CROSS))),
      el("p", { class: "where" }, placeText(app, ground, point)),
      things.length > 1 ? el("p", { class: "hint" }, say("identify_many", { n: things.length })) : null,
      things.length ? things.map((feature, index) => drawCard(app, feature, rules, index === 0)) : el("p", { class: "hint" }, say("identify_none")));
    panel.hidden = false;
    panel.scrollTop = 0;
    if (focus) panel.focus();
  }

  let asked = 0;
  async function showAt({ lng, lat }, options) {
    asked += 1;
    const turn = asked;
    const features = await allFeaturesAt(app, [lng, lat]);
    if (turn === asked) await show(features, [lng, lat], options);
  }
  map.on("click", (event) => { if (!app.busy) showAt(event.latlng); });
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === map.getContainer() && !app.busy) showAt(map.getCenter(), { focus: true });
  });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  let wait = 0;
  map.on("mousemove", (event) => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      const at = [event.latlng.lng, event.latlng.lat];
      const hit = !app.busy && (featuresAt(app, at).some((feature) => !isGround(feature)) || isTiledAt(app, at));
      map.getContainer().classList.toggle("over", hit);
    }, 30);
  });
  onLanguage(() => { if (last && !panel.hidden) show(...last); });
  app.events.addEventListener("layers", () => {
    if (last && last[0].some((feature) => !feature.layer.shown)) close();
  });
  L.DomEvent.disableClickPropagation(panel);
  L.DomEvent.disableScrollPropagation(panel);
  return { show, close };
}

function placeText(app, ground, [lon, lat]) {
  const names = [...new Set(ground.filter((item) => item.dimension === 2).reverse().map((item) => nameOf(item.properties)))];
  return [names.length ? `${names.join(" · ")} · ` : "", `${lon.toFixed(5)}°E ${lat.toFixed(5)}°N`].join("");
}

function drawCard(app, feature, rules, open) {
  const { properties, layer } = feature;
  const style = app.config.styles[feature.style];
  return el("details", { class: "card", open },
    el("summary", {},
      el("span", { class: "dot", style: { background: style.fill || style.stroke, borderColor: style.stroke || style.fill } }),
      el("span", { class: "card-name" }, nameOf(properties)),
      el("span", { class: "card-kind" }, kindLabel(app, properties.kind, feature.style))),
    otherName(properties) ? el("p", { class: "other-name" }, otherName(properties)) : null,
    el("dl", {}, facts(app, feature).filter(([, value]) => value).map(([key, value]) => [el("dt", {}, say(key)), el("dd", {}, value)])),
    layer.facts.theme === "context" ? null : drawRules(rules, feature));
}

function facts(app, feature) {
  const { properties, layer } = feature;
  const accuracy = layer.accuracyOf(feature);
  const worded = (prefix, value) => (value && knows(`${prefix}_${value}`) ? say(`${prefix}_${value}`) : value);
  const area = feature.area_m2 ?? geometryArea(feature.geometry);
  const length = geometryLength(feature.geometry);
  return [
    ["layer", say(layer.facts.title)],
    ["accuracy", accuracy === null ? say("unknown") : formatAccuracy(accuracy) + say("accuracy_95")],
    ["source", text(properties.source) || pickLanguage(layer.facts.source) || say("unknown")],
    ["method", text(properties.method)],
    ["provenance", say(`provenance_${layer.facts.provenance}`)],
    ["confidence", worded("confidence", properties.confidence)],
    ["status", text(properties.status)],
    ["official_area", properties.area_ha_official ? formatArea(properties.area_ha_official * 10000) : ""],
    ["drawn_area", area ? formatArea(area) : ""],
    ["drawn_length", length ? formatLength(length) : ""],
    ["data_date", layer.facts.data_date],
  ];
}

const text = (value) => (value === null || value === undefined ? "" : typeof value === "object" ? say(value) : pickLanguage(value));

function drawRules(rules, feature) {
  const { kind } = feature.properties;
  const zone = feature.properties.rule_id;
  const met = rules
    .filter((rule) => (zone ? rule.id === zone : rule.layer_id === feature.layer.id && (rule.kinds.includes(kind) || rule.possible_kinds.includes(kind))))
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  if (!met.length) return el("p", { class: "hint" }, say("rules_none"));
  return el("section", { class: "rules" }, el("h3", {}, `${say("rules")} · ${met.length}`), met.map((rule) => drawRule(rule, kind, feature)));
}

function drawRule(rule, kind, feature) {
  const settled = feature.properties.settled ?? rule.kinds.includes(kind);
  const recipe = say(`recipe_${rule.recipe.type}`, rule.recipe);
  return el("details", { class: `rule ${rule.level}`, open: feature.properties.rule_id === rule.id },
    el("summary", {}, el("span", { class: "level" }, say(`level_${rule.level}`)), el("span", {}, say(rule.title))),
    el("p", {}, say(rule.requirement)),
    el("p", { class: "hint" }, [
      recipe.includes("{") ? "" : recipe,
      settled ? "" : say("rule_possible"),
      rule.verified ? "" : say("unverified"),
    ].filter(Boolean).join(" · ")),
    el("ul", { class: "provisions" }, rule.provisions.map((item) =>
      el("li", {}, [item.instrument, item.article, item.version && `(${item.version})`, dates(item)].filter(Boolean).join(" ")))));
}

function dates(item) {
  if (!item.in_force_from && !item.in_force_until) return "";
  return `${item.in_force_from || "…"} – ${item.in_force_until || ""}`;
}
