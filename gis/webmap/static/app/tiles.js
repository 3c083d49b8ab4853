// Big layers, drawn from vector tiles: protomaps-leaflet paints them with the layer's own styles.
import { MapLayer, metresPerPixel } from "gis/layers.js";
import { EDGE_CAP_PX } from "gis/symbols.js";
import { Body, SoftEdge } from "gis/tilepaint.js";

const RETRY_MS = 1500;
const HOVER_PX = 6;
const SCREEN_PIXEL_M = 0.00028; // as OGC's scales have it
const caches = new Map(); // by address: a layer and the zones made of it share what was fetched
const library = () => window.protomapsL;

/** A layer whose features stay in tiles: they are asked for by place and by name. */
export class TiledLayer extends MapLayer {
  constructor(facts, config, map) {
    super(facts, config, map);
    this.tiled = true;
  }

  async load() {
    if (this.state !== "idle") return this.loading;
    this.state = "loading";
    this.loading = this.open().catch((error) => {
      this.state = "error";
      console.warn(`${this.id}: ${error.message}`);
    });
    return this.loading;
  }

  /** Show or hide the layer; making its tiles can take a while, which nothing waits for. */
  async show(shown) {
    this.shown = shown && this.state !== "empty";
    if (this.shown && this.state === "idle") this.load().then(() => super.show(this.shown)).then(() => this.onchange?.());
    else if (this.state === "ready") await super.show(this.shown);
  }

  /** Return the scale to which the tiles inside the page have detail, as 1:…; null where they have all. */
  reduced() {
    const embedded = this.config.embedded_tiles?.[this.facts.tiles.url];
    if (!embedded || embedded.whole) return null;
    const scale = metresPerPixel(30, embedded.last_zoom + 1) / SCREEN_PIXEL_M;
    return Number(scale.toPrecision(2)).toLocaleString("en-US").replaceAll(",", " ");
  }

  /** Leave the layer out where a stricter rule covers the same ground. */
  setCovered(covered) {
    this.map.getPane(this.pane()).classList.toggle("covered", covered);
  }

  /** Wait until the service has made the tiles, then draw them. */
  async open() {
    const { tiles } = this.facts;
    const embedded = this.config.embedded_tiles?.[tiles.url];
    if (!embedded && !tiles.ready) await this.wait(tiles.url);
    this.group = this.draw(embedded);
    this.state = "ready";
  }

  async wait(url) {
    for (;;) {
      const answer = await fetch(url, { headers: { range: "bytes=0-6" } });
      if (answer.ok) return;
      if (answer.status !== 503) throw new Error(`HTTP ${answer.status}`);
      this.progress = (await answer.json()).progress;
      this.onchange?.();
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
    }
  }

  draw(embedded) {
    const { tiles } = this.facts;
    const layer = library().leafletLayer({
      url: embedded ? new EmbeddedTiles(embedded) : tiles.url,
      maxDataZoom: embedded ? embedded.last_zoom : tiles.last_zoom,
      pane: this.pane(),
      noWrap: true,
      attribution: "",
      paintRules: this.rules(),
      labelRules: [],
      tileDelay: 1,
      updateWhenZooming: false,
    });
    this.view = layer.views.get("");
    const shared = caches.get(tiles.url);
    if (shared) this.view.tileCache = shared;
    else widenSoft(this.view.tileCache.source, (props) => this.softPixels(props, this.map.getZoom()));
    caches.set(tiles.url, this.view.tileCache);
    return layer;
  }

  /** Return what to paint: soft edges below everything, then each style in its order. */
  rules() {
    const dataLayer = this.facts.tiles.layer;
    const names = [...new Set(this.facts.kinds.map(({ style }) => style))]
      .sort((a, b) => this.config.styles[a].order - this.config.styles[b].order);
    const own = (name) => (zoom, feature) => this.isOurs(feature.props) && this.styleOf(feature.props) === name;
    const soft = this.facts.theme === "context" ? [] : names.map((name) => ({
      dataLayer, filter: own(name), symbolizer: new SoftEdge(this, this.config.styles[name]),
    }));
    return [...soft, ...names.map((name) => ({ dataLayer, filter: own(name), symbolizer: new Body(this, name) }))];
  }

  /** Zones drawn from the tiles of their layer take the style of their level. */
  styleOf(props) {
    return this.facts.rule_id ? this.facts.kinds[0].style : this.styleName(props.kind);
  }

  isOurs(props) {
    const { kinds } = this.facts.tiles;
    return !kinds || kinds.settled.includes(props.kind) || kinds.possible.includes(props.kind);
  }

  isSettled(props) {
    const { kinds } = this.facts.tiles;
    return kinds ? kinds.settled.includes(props.kind) : props.settled !== 0;
  }

  softPixels(props, zoom) {
    const accuracy = props.accuracy_m ?? this.facts.accuracy_m ?? 0;
    if (accuracy <= this.config.soft_edge_from_m || this.facts.theme === "context") return 0;
    const bounds = this.facts.bounds;
    return Math.min(accuracy / metresPerPixel(bounds ? bounds[1] : 30, zoom), EDGE_CAP_PX);
  }

  /** Nothing to resize: tiles are painted anew at each zoom. */
  resize() {
    this.sizeDetail();
  }

  /** Return whether a feature in the tiles on the screen is at a point: for the pointer only. */
  isAt([lon, lat]) {
    if (!this.shown || this.state !== "ready") return false;
    return this.view.queryFeatures(lon, lat, this.map.getZoom(), HOVER_PX).some(({ feature }) => this.isOurs(feature.props));
  }

  /** Return the features in the tiles on the screen at a point: for a page without a service. */
  picked([lon, lat], reach) {
    const found = new Map();
    for (const { feature } of this.view.queryFeatures(lon, lat, this.map.getZoom(), reach)) {
      const { props } = feature;
      if (this.isOurs(props) && !props.inner) found.set(props.id ?? props.kind, this.stand(props, [lon, lat]));
    }
    return [...found.values()];
  }

  /** Return the features named in the tiles inside the page, each with the middle of its first piece. */
  async named() {
    this.index ??= (async () => {
      await this.load();
      const { last_zoom: zoom, tiles } = this.config.embedded_tiles[this.facts.tiles.url];
      const found = new Map();
      for (const key of Object.keys(tiles).filter((name) => name.startsWith(`${zoom}/`))) {
        const [z, x, y] = key.split("/").map(Number);
        const layers = await this.view.tileCache.source.get({ z, x, y }, 1);
        for (const { props, bbox } of layers.get(this.facts.tiles.layer) || []) {
          if (props.id && this.isOurs(props) && !found.has(props.id)) {
            found.set(props.id, this.stand(props, placeOf(x + (bbox.minX + bbox.maxX) / 2, y + (bbox.minY + bbox.maxY) / 2, z)));
          }
        }
      }
      return [...found.values()];
    })();
    return this.index;
  }

  /** Return a feature of the page for the properties of one in a tile, at a place. */
  stand(props, place) {
    const { zh, en } = this.config.words.merged;
    const properties = props.merged ? { ...props, name_zh: zh, name_en: en } : { ...props };
    if (this.facts.rule_id) Object.assign(properties, { rule_id: this.facts.rule_id, settled: this.isSettled(props) });
    const feature = this.place({ properties, geometry: { type: "Point", coordinates: place } });
    return { ...feature, dimension: 2, tile: true, style: this.styleOf(props) };
  }

  /** Return a feature that the service found as a feature of the page. */
  found(item) {
    return Object.assign(this.place(item), { area_m2: item.area_m2 });
  }
}

// The place at a tile column and row, fractions counted.
function placeOf(x, y, z) {
  const lat = Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z)));
  return [(x / 2 ** z) * 360 - 180, (lat * 180) / Math.PI];
}

// Tiles inside the page: zoom/column/row → gzipped bytes as base64.
class EmbeddedTiles {
  constructor({ tiles }) {
    this.tiles = tiles;
  }

  async getZxy(z, x, y) {
    const text = this.tiles[`${z}/${x}/${y}`];
    if (!text) return undefined;
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return { data: await new Response(plain).arrayBuffer() };
  }
}

// A soft edge reaches over the box of its feature: the box grows, so that the tile beside is painted too.
function widenSoft(source, pixels) {
  const get = source.get.bind(source);
  source.get = async (...given) => {
    const layers = await get(...given);
    for (const features of layers.values()) {
      for (const { bbox, props } of features) {
        const pad = pixels(props);
        Object.assign(bbox, { minX: bbox.minX - pad, minY: bbox.minY - pad, maxX: bbox.maxX + pad, maxY: bbox.maxY + pad });
      }
    }
    return layers;
  };
}

/** Return the features of the tiled layers shown at a point: from the service, or in a single file from the tiles. */
export async function tiledAt(app, point, reachM) {
  const layers = shownTiled(app);
  if (!layers.length) return [];
  if (app.config.embedded) {
    const reach = reachM / metresPerPixel(point[1], app.map.getZoom());
    return layers.flatMap((layer) => layer.picked(point, reach));
  }
  const [lon, lat] = point;
  const asked = new URLSearchParams({ lon, lat, reach_m: Math.min(reachM, 50000).toFixed(1), layers: layers.map(({ id }) => id).join(",") });
  return ask(app, `/api/features/at?${asked}`);
}

/** Return the features of tiled layers whose name holds a text, each with how well it fits. */
export async function tiledNamed(app, text, limit, scoreName) {
  const layers = [...app.layers.values()].filter((layer) => layer.tiled && layer.facts.usable);
  if (!layers.length) return [];
  if (app.config.embedded) {
    const features = (await Promise.all(layers.map((layer) => layer.named()))).flat();
    return features.map((feature) => [scoreName(feature, text), feature]).filter(([score]) => score);
  }
  const asked = new URLSearchParams({ q: text.slice(0, 200), limit, layers: layers.map(({ id }) => id).join(",") });
  return ask(app, `/api/features/search?${asked}`, true);
}

async function ask(app, url, scored = false) {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { features } = await answer.json();
    const found = features.map((item) => app.layers.get(item.layer).found(item));
    return scored ? found.map((feature, at) => [features[at].score, feature]) : found;
  } catch (error) {
    console.warn(`${url}: ${error.message}`);
    return [];
  }
}

function shownTiled(app) {
  return [...app.layers.values()].filter((layer) => layer.tiled && layer.shown && layer.state === "ready");
}

/** Return whether a tiled layer has something at a point on the screen. */
export function isTiledAt(app, point) {
  return shownTiled(app).some((layer) => layer.isAt(point));
}
