// A map page from its parts. The Leaflet map is made by the page itself and found under its global name.
import { placeCheck } from "gis/check.js";
import { placeIdentify } from "gis/identify.js";
import { placeLabels } from "gis/labels.js";
import { MapLayer, stackZones } from "gis/layers.js";
import { placePermalink, readLink } from "gis/permalink.js";
import { placeReadout } from "gis/readout.js";
import { placeSearch } from "gis/search.js";
import { anchorOf } from "gis/shapes.js";
import { placeHatches } from "gis/symbols.js";
import { TiledLayer } from "gis/tiles.js";
import { placeTools } from "gis/tools.js";
import { placeTree } from "gis/tree.js";
import { language, onLanguage, say, setLanguage, setWords } from "gis/words.js";

const POINT_REACH_M = 4000;

/** What the parts of the page share: the map, its layers, and what can be done to them. */
class MapApp {
  constructor(config, map) {
    Object.assign(this, { config, map, busy: false, online: [], events: new EventTarget(), allFade: 0 });
    this.layers = new Map(Object.values(config.layers).map((facts) => [facts.id, facts.tiles ? new TiledLayer(facts, config, map) : new MapLayer(facts, config, map)]));
    for (const layer of this.layers.values()) layer.onchange = () => this.changed();
  }

  changed() {
    stackZones(this.layers.values());
    this.events.dispatchEvent(new Event("layers"));
  }

  async setShown(id, shown) {
    const work = this.layers.get(id).show(shown);
    this.changed();
    await work;
    this.changed();
  }

  setOnline(base, shown) {
    base.shown = shown;
    if (shown) base.tiles.addTo(this.map);
    else base.tiles.remove();
    this.changed();
  }

  setFade(id, fade) {
    this.layers.get(id).setFade(fade, this.allFade);
    this.changed();
  }

  fadeAll(fade) {
    this.allFade = fade;
    for (const layer of this.layers.values()) if (layer.facts.usable) layer.setFade(layer.fade, fade);
  }

  loadAll() {
    return Promise.all([...this.layers.values()].filter((layer) => layer.facts.usable && !layer.tiled).map((layer) => layer.load()));
  }

  async rules() {
    this.ruleList ??= this.config.rules
      ? Promise.resolve(this.config.rules)
      : fetch(this.config.rules_url).then((answer) => answer.json()).then((body) => body.rules).catch(() => []);
    return this.ruleList;
  }

  /** Show a box of degrees; with `beside`, in the part of the map that the feature panel leaves free. */
  zoomTo([west, south, east, north], { beside = false, most = 14.5 } = {}) {
    const { x, y } = this.map.getSize();
    const free = x > 760 ? [384, 40] : [24, Math.round(y * 0.55)];
    this.map.fitBounds([[south, west], [north, east]], {
      paddingTopLeft: [64, 24], paddingBottomRight: beside ? free : [24, 40], maxZoom: most,
    });
  }

  async goTo(feature) {
    if (!feature.layer.shown) await this.setShown(feature.layer.id, true);
    const [lon, lat] = anchorOf(feature.geometry);
    const accuracy = feature.layer.accuracyOf(feature) || 0;
    const reach = Math.max(POINT_REACH_M, accuracy * 1.4) / 111320;
    const [west, south, east, north] = feature.box;
    const wide = feature.dimension ? 0 : reach;
    this.zoomTo([west - wide, south - wide, east + wide, north + wide], { beside: true });
    this.identify.show([feature], [lon, lat]);
  }
}

function placeOnline(app) {
  app.online = app.config.online.map((base) => ({
    ...base, shown: true, tiles: L.tileLayer(base.url, { maxZoom: base.max_zoom, attribution: "" }).addTo(app.map),
  }));
}

// What lies outside the box that the ground is drawn for is not land: it is covered in a colour of its own.
function placeEdge({ config, map }) {
  if (!config.extent || config.online.length) return;
  const [west, south, east, north] = config.extent;
  map.createPane("edge").style.zIndex = "430";
  const ring = (w, s, e, n) => [[s, w], [s, e], [n, e], [n, w]];
  L.polygon([ring(60, -20, 180, 70), ring(west, south, east, north)], {
    pane: "edge", renderer: L.svg({ pane: "edge", padding: 0.4 }), interactive: false, fillColor: "#e4e2dc", fillOpacity: 1, color: "#c9c5ba", weight: 1,
  }).addTo(map);
}

function placeLanguage() {
  const button = document.getElementById("language");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    setLanguage(language() === "en" ? "zh" : "en");
  });
  onLanguage((chosen) => {
    button.textContent = say("other_language");
    button.lang = chosen === "en" ? "zh-CN" : "en";
  });
}

function nameMap(map, config) {
  const box = map.getContainer();
  const name = () => {
    box.setAttribute("aria-label", say("map_label"));
    document.title = `${say(config.title)} · ${say("product")}`;
  };
  box.setAttribute("role", "application");
  name();
  onLanguage(name);
}

/** Start the page. */
export async function start() {
  const config = JSON.parse(document.getElementById("config").textContent);
  const map = window[config.variable];
  setWords(config.words, config.language);
  map.setMinZoom(config.zooms[0]).setMaxZoom(config.zooms[1]);
  const app = new MapApp(config, map);
  const asked = readLink();
  placeHatches(config.styles);
  if (asked.centre) map.setView(asked.centre, asked.zoom, { animate: false });
  else map.fitBounds([[config.view[1], config.view[0]], [config.view[3], config.view[2]]], { animate: false });
  placeOnline(app);
  placeEdge(app);
  nameMap(map, config);
  placeLanguage();
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  const labels = placeLabels(app);
  app.events.addEventListener("layers", labels);
  onLanguage(labels);
  for (const layer of app.layers.values()) layer.shown = layer.facts.usable && (asked.layers ? asked.layers.has(layer.id) : layer.facts.shown);
  placeTree(app);
  placeReadout(app);
  placeTools(app);
  app.identify = placeIdentify(app);
  placeSearch(app);
  const resize = () => { for (const layer of app.layers.values()) if (layer.group) layer.resize(); };
  map.on("zoomend", resize);
  const shown = [...app.layers.values()].filter((layer) => layer.shown);
  for (const [id, fade] of asked.fades) if (app.layers.get(id)?.facts.usable) app.layers.get(id).setFade(fade, 0);
  await Promise.all(shown.map((layer) => app.setShown(layer.id, true)));
  placePermalink(app)();
  if (asked.language && asked.language !== language()) setLanguage(asked.language);
  if (config.check) placeCheck(app);
  document.documentElement.dataset.ready = "true";
  app.rules();
}
