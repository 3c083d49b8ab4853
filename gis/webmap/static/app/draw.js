// Drawing sites on the map: areas, lines and points, with undo, and corners that can be moved afterwards.
import { el, icon } from "gis/dom.js";
import { geometryArea, geometryLength } from "gis/geodesy.js";
import { onLanguage, say } from "gis/words.js";

const CLOSE_PX = 12;
const MOST_HANDLES = 150;
const STEP_PX = 4;
const LOOK = { color: "#a31d18", weight: 2.5, pane: "draw", interactive: false };
const LEAST = { Polygon: 3, LineString: 2, Point: 1 };
const DIGITS = 7;

/** Return a drawn shape as a GeoJSON geometry; coordinates to 1 cm. */
export function geometryOf({ type, points }) {
  const given = points.map(({ lng, lat }) => [Number(lng.toFixed(DIGITS)), Number(lat.toFixed(DIGITS))]);
  if (type === "Point") return { type, coordinates: given[0] };
  return { type, coordinates: type === "Polygon" ? [[...given, given[0]]] : given };
}

/** The drawing tool: `shapes` are finished, `draft` is being drawn; every step can be undone. */
export class DrawTool {
  constructor(app, onChange) {
    Object.assign(this, { app, map: app.map, onChange, shapes: [], draft: null, past: [], frozen: false });
    this.map.createPane("draw").style.zIndex = "650";
    this.renderer = L.svg({ pane: "draw", padding: 0.4 });
    this.group = L.layerGroup().addTo(this.map);
    this.band = L.layerGroup().addTo(this.map);
    this.listen();
  }

  listen() {
    const { map } = this;
    map.on("click", (event) => this.add(event.latlng));
    map.on("mousemove", (event) => this.drawBand(event.latlng));
    map.on("dblclick", () => { if (this.draft) this.finish(); });
    map.getContainer().addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.draft) this.stop(); });
    this.app.events.addEventListener("tool", (event) => { if (event.detail !== "draw") this.stop(); });
    onLanguage(() => this.draw());
  }

  /** Space or Enter sets a corner in the middle of the map, so that one can draw without a mouse. */
  key(event) {
    if (!this.draft || event.target !== this.map.getContainer()) return;
    if (event.key === " ") this.add(this.map.getCenter());
    else if (event.key === "Enter") this.finish();
    else if (event.key === "Backspace") this.undo();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  start(type) {
    if (this.draft?.type === type) return this.stop();
    this.app.events.dispatchEvent(new CustomEvent("tool", { detail: "draw" }));
    this.draft = { type, points: [] };
    this.hold(true);
    return this.changed();
  }

  hold(active) {
    this.app.busy = active;
    this.map.getContainer().classList.toggle("measuring", active);
    this.map.doubleClickZoom[active ? "disable" : "enable"]();
  }

  stop() {
    if (!this.draft) return;
    this.draft = null;
    this.hold(false);
    this.changed();
  }

  remember() {
    this.past.push(JSON.stringify([this.shapes, this.draft]));
  }

  undo() {
    if (!this.past.length) return;
    [this.shapes, this.draft] = JSON.parse(this.past.pop());
    this.hold(Boolean(this.draft));
    this.changed();
  }

  clear() {
    if (!this.shapes.length && !this.draft) return;
    this.remember();
    this.shapes = [];
    this.draft = null;
    this.hold(false);
    this.changed();
  }

  remove(index) {
    this.remember();
    this.shapes.splice(index, 1);
    this.changed();
  }

  near(a, b, px) {
    return this.map.latLngToContainerPoint(a).distanceTo(this.map.latLngToContainerPoint(b)) < px;
  }

  add({ lat, lng }) {
    if (!this.draft) return;
    const { type, points } = this.draft;
    if (type === "Polygon" && points.length >= LEAST.Polygon && this.near({ lat, lng }, points[0], CLOSE_PX)) return void this.finish();
    if (points.length && this.near({ lat, lng }, points[points.length - 1], 3)) return;
    this.remember();
    points.push({ lat, lng });
    if (type === "Point") this.finish();
    else this.changed();
  }

  finish() {
    const { type, points } = this.draft;
    if (points.length < LEAST[type]) return;
    if (type !== "Point") this.remember();
    this.shapes.push({ type, points });
    this.draft = null;
    setTimeout(() => { if (!this.draft) this.hold(false); }, 0);
    this.changed();
  }

  /** While a result is shown the corners cannot be moved. */
  freeze(frozen) {
    this.frozen = frozen;
    if (frozen) this.stop();
    this.draw();
  }

  changed() {
    this.draw();
    this.onChange();
  }

  draw() {
    this.group.clearLayers();
    this.band.clearLayers();
    if (this.frozen) return;
    const look = { ...LOOK, renderer: this.renderer };
    this.shapes.forEach((shape, index) => {
      if (shape.type === "Polygon") L.polygon(shape.points, { ...look, fillOpacity: 0.14 }).addTo(this.group);
      if (shape.type === "LineString") L.polyline(shape.points, look).addTo(this.group);
      this.drawHandles(shape, index);
    });
    if (!this.draft) return;
    const { type, points } = this.draft;
    if (type === "Polygon" && points.length > 2) L.polygon(points, { ...look, weight: 0, fillOpacity: 0.1 }).addTo(this.group);
    L.polyline(points, look).addTo(this.group);
    points.forEach((point, index) => L.circleMarker(point, {
      ...look, radius: index === 0 && points.length > 2 ? 7 : 4, weight: 2, fillColor: "#ffffff", fillOpacity: 1,
    }).addTo(this.group));
  }

  drawBand(cursor) {
    this.band.clearLayers();
    if (!this.draft?.points.length) return;
    const { type, points } = this.draft;
    const line = [points[points.length - 1], cursor, ...(type === "Polygon" && points.length > 1 ? [points[0]] : [])];
    L.polyline(line, { ...LOOK, renderer: this.renderer, weight: 1.5, dashArray: "5 5" }).addTo(this.band);
  }

  drawHandles(shape, index) {
    if (shape.points.length > MOST_HANDLES) return;
    shape.points.forEach((point, at) => this.handle(shape, at, point, false, `${index + 1}.${at + 1}`));
    if (shape.type === "Point") return;
    const last = shape.type === "Polygon" ? shape.points.length : shape.points.length - 1;
    for (let at = 0; at < last; at += 1) {
      const [a, b] = [shape.points[at], shape.points[(at + 1) % shape.points.length]];
      this.handle(shape, at, { lat: (a.lat + b.lat) / 2, lng: (a.lng + b.lng) / 2 }, true, "");
    }
  }

  /** A corner that can be dragged, moved by the arrow keys or deleted; or the middle of a side, which becomes one. */
  handle(shape, at, point, middle, name) {
    const drawn = L.divIcon({ html: el("span", {}), className: middle ? "corner middle" : "corner", iconSize: [22, 22] });
    const marker = L.marker(point, { icon: drawn, pane: "draw", draggable: true, keyboard: !middle, autoPan: true, bubblingMouseEvents: false });
    let index = at;
    marker.on("dragstart", () => {
      this.remember();
      if (middle) shape.points.splice(index = at + 1, 0, { ...point });
    });
    marker.on("drag", (event) => {
      shape.points[index] = { lat: event.latlng.lat, lng: event.latlng.lng };
      this.drawBandOf(shape);
    });
    marker.on("dragend", () => this.changed());
    marker.addTo(this.group);
    const node = marker.getElement();
    if (middle) return node.setAttribute("aria-hidden", "true");
    node.setAttribute("aria-label", `${say("corner")} ${name}`);
    node.title = say("corner_help");
    return node.addEventListener("keydown", (event) => this.keyOnCorner(event, shape, at));
  }

  keyOnCorner(event, shape, at) {
    const moves = { ArrowLeft: [-STEP_PX, 0], ArrowRight: [STEP_PX, 0], ArrowUp: [0, -STEP_PX], ArrowDown: [0, STEP_PX] };
    const removes = event.key === "Delete" || event.key === "Backspace";
    if (!moves[event.key] && !removes) return;
    event.preventDefault();
    event.stopPropagation();
    if (removes && shape.points.length <= LEAST[shape.type]) return;
    this.remember();
    if (removes) {
      shape.points.splice(at, 1);
    } else {
      const moved = this.map.containerPointToLatLng(this.map.latLngToContainerPoint(shape.points[at]).add(moves[event.key]));
      shape.points[at] = { lat: moved.lat, lng: moved.lng };
    }
    const order = [...document.querySelectorAll(".corner:not(.middle)")].indexOf(event.currentTarget);
    this.changed();
    document.querySelectorAll(".corner:not(.middle)")[order]?.focus();
  }

  drawBandOf(shape) {
    this.band.clearLayers();
    const points = shape.type === "Polygon" ? [...shape.points, shape.points[0]] : shape.points;
    L.polyline(points, { ...LOOK, renderer: this.renderer, dashArray: "5 5" }).addTo(this.band);
  }

  /** Return the finished shapes as GeoJSON features. */
  features() {
    return this.shapes.map((shape, index) => ({
      type: "Feature",
      properties: { name: `${say(`drawn_${shape.type}`)} ${index + 1}` },
      geometry: geometryOf(shape),
    }));
  }

  /** Return what there is of each finished shape: its name, area and length. */
  measures() {
    return this.features().map(({ properties, geometry }) => ({
      name: properties.name, area: geometryArea(geometry), length: geometryLength(geometry),
    }));
  }
}

const ICONS = {
  Polygon: "M4 6.500 11 3l6 6-4 7.500-8-2z",
  LineString: "M3.500 15 8 7l4 5 4.500-8",
  Point: "M10 17s5-5 5-9a5 5 0 0 0-10 0c0 4 5 9 5 9zM10 9.600a1.600 1.600 0 1 0 0-3.200 1.600 1.600 0 0 0 0 3.200",
};

/** Return the row of drawing buttons. */
export function drawButtons(tool) {
  return Object.keys(ICONS).map((type) => el("button", {
    type: "button", class: "draw-button", "aria-pressed": String(tool.draft?.type === type), onclick: () => tool.start(type),
  }, icon(ICONS[type]), el("span", {}, say(`draw_${type}`))));
}
