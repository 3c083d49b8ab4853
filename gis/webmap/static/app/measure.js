// Measuring on the ellipsoid: length of the line clicked, and from three points the area it encloses.
import { el, refill } from "gis/dom.js";
import { distance, lineLength, ringArea } from "gis/geodesy.js";
import { formatArea, formatLength, onLanguage, say } from "gis/words.js";

const LINE = { color: "#b8401a", weight: 2.5, interactive: false, pane: "measure" };

/** Prepare the measuring tool; it writes into `card`. */
export function placeMeasure(app, card) {
  const { map } = app;
  map.createPane("measure").style.zIndex = "640";
  const group = L.layerGroup().addTo(map);
  const listeners = [];
  let points = [];
  let active = false;

  const lonlat = () => points.map((point) => [point.lng, point.lat]);

  function draw(cursor) {
    group.clearLayers();
    const line = cursor ? [...points, cursor] : points;
    if (points.length > 2) L.polygon(points, { ...LINE, weight: 0, fillOpacity: 0.1 }).addTo(group);
    L.polyline(line, { ...LINE, dashArray: cursor ? "5 5" : null }).addTo(group);
    for (const point of points) L.circleMarker(point, { ...LINE, radius: 4, weight: 2, fillColor: "#ffffff", fillOpacity: 1 }).addTo(group);
  }

  function write() {
    const given = lonlat();
    const closing = given.length > 2 ? distance(given[given.length - 1], given[0]) : 0;
    const line = (key, value) => [el("dt", {}, say(key)), el("dd", {}, value)];
    refill(card,
      given.length < 2 ? el("p", {}, say("measure_help")) : el("dl", { class: "measured" },
        line("length", formatLength(lineLength(given))),
        given.length > 2 ? [line("area", formatArea(ringArea(given))), line("perimeter", formatLength(lineLength(given) + closing))] : null),
      el("div", { class: "link-row" },
        el("button", { type: "button", class: "link", onclick: clear }, say("clear")),
        el("button", { type: "button", class: "link", onclick: () => stop() }, say("close"))));
    card.hidden = false;
  }

  function clear() {
    points = [];
    draw();
    write();
  }

  function start() {
    app.events.dispatchEvent(new CustomEvent("tool", { detail: "measure" }));
    active = true;
    app.busy = true;
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("measuring");
    clear();
    listeners.forEach((work) => work(true));
  }

  function finish() {
    app.busy = false;
    active = false;
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("measuring");
    draw();
    write();
    listeners.forEach((work) => work(false));
  }

  function stop() {
    if (active) finish();
    points = [];
    group.clearLayers();
    card.hidden = true;
  }

  app.events.addEventListener("tool", (event) => { if (event.detail !== "measure" && (active || points.length)) stop(); });
  map.on("click", (event) => {
    if (!active) return;
    const last = points[points.length - 1];
    if (last && map.latLngToLayerPoint(last).distanceTo(map.latLngToLayerPoint(event.latlng)) < 3) return;
    points.push(event.latlng);
    draw();
    write();
  });
  map.on("mousemove", (event) => { if (active && points.length) draw(event.latlng); });
  map.on("dblclick", () => { if (active) setTimeout(finish, 0); });
  document.addEventListener("keydown", (event) => {
    if (!active) return;
    if (event.key === "Escape") stop();
    if (event.key === "Enter" && points.length) finish();
  });
  onLanguage(() => { if (!card.hidden && (active || points.length)) write(); });
  return { toggle: () => (active ? stop() : start()), onToggle: (work) => listeners.push(work) };
}
