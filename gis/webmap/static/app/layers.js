// The layers of the map: fetched once, drawn in panes by drawing order, with soft edges where they are uncertain.
import { bordersOf, boxOf, dimensionOf } from "gis/shapes.js";
import { EDGE_CAP_PX, EDGE_STEPS, UNSETTLED, pathOptions, pointSymbol } from "gis/symbols.js";

// Lines of the ground (boundaries) stay behind what the map is about.
const GROUND_LINE_OPACITY = 0.55;
// A zone's soft edge is quieter than a layer's: many zones lie over one another.
const ZONE_EDGE_SHARE = 0.5;
const EARTH_M = 40075016.7;

/** Return the ground length of one screen pixel, metres, at a latitude and zoom. */
export function metresPerPixel(lat, zoom) {
  return (EARTH_M * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** zoom);
}

/** One layer: its facts, its features and what draws them. */
export class MapLayer {
  constructor(facts, config, map) {
    Object.assign(this, { facts, config, map, id: facts.id, features: [], edges: [] });
    this.shown = false;
    this.fade = 0;
    this.state = facts.usable ? "idle" : "empty";
  }

  styleName(kind) {
    return (this.facts.kinds.find((item) => item.kind === kind) || this.facts.kinds[0]).style;
  }

  /** Return how far off a feature may be, metres; its own figure wins over the layer's. */
  accuracyOf(feature) {
    return feature.properties.accuracy_m ?? this.facts.accuracy_m ?? null;
  }

  async load() {
    if (this.state !== "idle") return this.loading;
    this.state = "loading";
    this.loading = readFeatures(this.facts, this.config).then((collection) => {
      this.features = collection.features.filter((item) => item.geometry).map((item) => this.place(item));
      this.group = this.draw();
      this.state = "ready";
    }).catch((error) => {
      this.state = "error";
      console.warn(`${this.id}: ${error.message}`);
    });
    return this.loading;
  }

  place(item) {
    return {
      type: "Feature",
      layer: this,
      id: item.properties.id ?? item.id,
      properties: item.properties,
      geometry: item.geometry,
      box: boxOf(item.geometry),
      dimension: dimensionOf(item.geometry),
      parts: [],
      halo: [],
      style: this.styleName(item.properties.kind),
    };
  }

  draw() {
    const group = L.layerGroup();
    const soft = this.facts.theme !== "context" && this.facts.assessed !== false;
    const ordered = [...this.features].sort((a, b) => this.order(a) - this.order(b));
    if (soft) for (const feature of ordered) this.drawEdge(feature, group);
    const borders = new Set(ordered.filter((feature) => this.isBorder(feature)));
    for (const name of new Set([...borders].map((feature) => feature.style))) this.drawBorders(name, borders, group);
    for (const feature of ordered) if (!borders.has(feature)) this.drawFeature(feature, group);
    this.sizeEdges();
    return group;
  }

  /** Return whether a feature is an area of which only the border is drawn. */
  isBorder(feature) {
    const style = this.config.styles[feature.style];
    return feature.dimension === 2 && !style.fill && !style.hatch;
  }

  drawBorders(name, features, group) {
    const geometries = [...features].filter((feature) => feature.style === name).map((feature) => feature.geometry);
    const options = pathOptions(name, this.config.styles[name], 1);
    if (this.facts.theme === "context") options.opacity = GROUND_LINE_OPACITY;
    group.addLayer(L.geoJSON({ type: "Feature", properties: {}, geometry: bordersOf(geometries) }, {
      style: () => ({ ...options, pane: this.pane(), renderer: this.renderer }),
    }));
  }

  order(feature) {
    return this.config.styles[feature.style].order;
  }

  pane() {
    const lowest = Math.min(...this.facts.kinds.map((kind) => this.config.styles[kind.style].order));
    const name = `layer-${this.id}`;
    if (!this.map.getPane(name)) {
      const pane = this.map.createPane(name);
      pane.style.zIndex = String(400 + lowest);
      this.renderer = L.svg({ pane: name, padding: 0.4 });
    }
    return name;
  }

  drawFeature(feature, group) {
    const style = this.config.styles[feature.style];
    const pane = this.pane();
    L.geoJSON(feature, {
      style: () => ({ ...pathOptions(feature.style, style, feature.dimension), ...(feature.properties.settled === false ? UNSETTLED : {}), pane, renderer: this.renderer }),
      pointToLayer: (_, latlng) => {
        if (feature.properties.kind === "place") return placeDot(latlng, feature, style, pane);
        const symbol = pointSymbol(style);
        const size = Number(symbol.getAttribute("width"));
        const drawn = L.divIcon({ html: symbol, className: "point", iconSize: [size, size] });
        return L.marker(latlng, { icon: drawn, pane, interactive: false, keyboard: false });
      },
    }).eachLayer((part) => {
      group.addLayer(part);
      feature.parts.push(part);
      if (feature.properties.kind === "place") this.places = [...(this.places || []), [feature, part]];
    });
  }

  drawEdge(feature, group) {
    const accuracy = this.accuracyOf(feature);
    if (accuracy === null || accuracy <= this.config.soft_edge_from_m) return;
    const style = this.config.styles[feature.style];
    const colour = style.stroke || style.fill;
    const base = { pane: this.pane(), renderer: this.renderer, interactive: false, color: colour };
    if (feature.dimension === 0) {
      L.geoJSON(feature, {
        pointToLayer: (_, latlng) => L.circle(latlng, {
          ...base, radius: accuracy, weight: 1, opacity: 0.4, dashArray: "2 4", fillColor: style.fill || colour, fillOpacity: 0.09,
        }),
      }).eachLayer((part) => {
        group.addLayer(part);
        feature.halo.push(part);
      });
      return;
    }
    const strength = this.facts.rule_id ? ZONE_EDGE_SHARE : 1;
    for (const [share, step] of EDGE_STEPS) {
      const opacity = step * strength;
      L.geoJSON(feature, {
        style: () => ({ ...base, fill: false, opacity, lineCap: "round", lineJoin: "round" }),
      }).eachLayer((part) => {
        group.addLayer(part);
        feature.halo.push(part);
        this.edges.push({ part, width: accuracy * share, share, lat: feature.box[1] });
      });
    }
  }

  /** Give every soft edge the width of its accuracy at the zoom of the map, up to a cap. */
  sizeEdges() {
    const zoom = this.map.getZoom();
    for (const { part, width, share, lat } of this.edges) {
      const px = Math.min((2 * width) / metresPerPixel(lat, zoom), 2 * EDGE_CAP_PX * share);
      part.setStyle({ weight: px, stroke: px > 2.5 });
    }
  }

  /** Show places by their rank as the map is zoomed in. */
  sizePlaces() {
    const zoom = this.map.getZoom();
    for (const [feature, dot] of this.places || []) {
      dot.setStyle({ stroke: isPlaceShown(feature, this.config, zoom), fill: isPlaceShown(feature, this.config, zoom) });
    }
  }

  /** Leave out a layer of the base map that would crowd the map at this zoom. */
  sizeDetail() {
    const from = Math.max(...this.facts.kinds.map((kind) => this.config.min_zoom[kind.kind] ?? 0));
    if (from) this.map.getPane(this.pane()).style.display = this.map.getZoom() < from ? "none" : "";
  }

  /** Draw everything as it is drawn at the zoom of the map. */
  resize() {
    this.sizeEdges();
    this.sizePlaces();
    this.sizeDetail();
  }

  async show(shown) {
    this.shown = shown && this.state !== "empty";
    if (this.shown) await this.load();
    if (!this.group) return;
    if (this.shown) {
      this.group.addTo(this.map);
      this.resize();
    } else {
      this.group.remove();
    }
  }

  /** Fade the layer: its own fade and that of all thematic layers, 0 to 1. */
  setFade(own, all) {
    this.fade = own;
    const pane = this.map.getPane(this.pane());
    pane.style.opacity = String((1 - own) * (1 - (this.facts.theme === "context" ? 0 : all)));
  }
}

/** Where rules of several levels cover the same outline, draw the strictest shown: the others would only darken it.
 *  The soft edge of a feature is drawn once, whatever the rules made of it. */
export function stackZones(layers) {
  const top = (layer) => Math.max(...layer.facts.kinds.map((kind) => layer.config.styles[kind.style].order));
  const taken = new Set();
  const hide = (parts, key) => {
    for (const part of parts) part.getElement()?.classList.toggle("covered", taken.has(key));
    taken.add(key);
  };
  const zones = [...layers].filter((layer) => layer.facts.rule_id && layer.shown && layer.state === "ready");
  for (const layer of zones.sort((a, b) => top(b) - top(a))) {
    if (layer.tiled) {
      const key = JSON.stringify([layer.facts.tiles.url, layer.facts.tiles.kinds]);
      layer.setCovered(taken.has(key));
      taken.add(key);
    }
    for (const { properties, parts, halo, box } of layer.features) {
      const key = `${properties.layer_id} ${properties.feature_id}`;
      hide(halo, key);
      if (properties.settled !== false) hide(parts, `${key} ${box.map((value) => value.toFixed(5))}`);
    }
  }
}

/** Return whether a place is drawn at a zoom: by its rank, 1 the greatest. */
export function isPlaceShown(feature, config, zoom) {
  const rank = Math.max(1, Math.round(Number(feature.properties.rank ?? 2)));
  const zooms = config.place_zoom;
  return zoom >= zooms[Math.min(rank, zooms.length) - 1];
}

function placeDot(latlng, feature, style, pane) {
  const rank = Number(feature.properties.rank ?? 2);
  return L.circleMarker(latlng, {
    pane, interactive: false, radius: rank <= 1 ? 4 : rank <= 2 ? 3 : 2.2, weight: rank <= 1 ? 2 : 1.3,
    color: style.stroke, fillColor: style.fill, fillOpacity: 1,
  });
}

async function readFeatures(facts, config) {
  if (config.embedded) return config.embedded[facts.id];
  const answer = await fetch(facts.url);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}
