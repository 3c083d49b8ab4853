// Along the lower edge: scale bar, coordinates in degrees and in the plane, and whose data are shown.
import { el, perFrame, refill } from "gis/dom.js";
import { distance, toGaussKrueger } from "gis/geodesy.js";
import { onLanguage, pickLanguage, say } from "gis/words.js";

const SCALE_PX = 110;

/** Keep scale bar, coordinates and attribution up to date. */
export function placeReadout(app) {
  const { map } = app;
  const scale = document.getElementById("scale");
  const coordinates = document.getElementById("coordinates");
  const bar = el("span", { class: "scale-bar" });
  const text = el("span", { class: "scale-text" });
  refill(scale, bar, text);

  function drawScale() {
    const middle = map.getSize().divideBy(2);
    const a = map.containerPointToLatLng(middle);
    const b = map.containerPointToLatLng(middle.add([SCALE_PX, 0]));
    const reach = distance([a.lng, a.lat], [b.lng, b.lat]);
    const power = 10 ** Math.floor(Math.log10(reach));
    const round = [5, 2, 1].map((step) => step * power).find((value) => value <= reach);
    bar.style.width = `${(SCALE_PX * round) / reach}px`;
    text.textContent = round >= 1000 ? `${round / 1000} km` : `${round} m`;
  }

  function drawCoordinates(at) {
    const { east, north } = toGaussKrueger(at.lng, at.lat);
    const whole = (value) => Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
    refill(coordinates,
      el("span", {}, `${at.lng.toFixed(5)}°E ${at.lat.toFixed(5)}°N`),
      el("span", { class: "plane", title: say("gk") }, `E ${whole(east)}  N ${whole(north)} m`));
  }

  function drawAttribution() {
    const named = [...app.layers.values()].filter((layer) => layer.shown && layer.facts.attribution);
    const online = app.online.filter((base) => base.shown).map((base) => base.attribution);
    const names = [...new Set([...named.flatMap((layer) => pickLanguage(layer.facts.attribution).split(/[；;] ?/)), ...online])];
    const line = `${say("sources_shown")}: ${names.join(" · ")}`;
    refill(document.getElementById("attribution"), el("summary", { title: line }, line), el("ul", {}, names.map((name) => el("li", {}, name))));
  }

  let last = map.getCenter();
  const later = perFrame((at) => drawCoordinates(at));
  const pointerless = matchMedia("(hover: none)").matches;
  map.on("mousemove", (event) => {
    last = event.latlng;
    later(last);
  });
  map.on("move", () => {
    drawScale();
    if (pointerless) later(map.getCenter());
  });
  map.on("zoomend resize", drawScale);
  onLanguage(() => {
    drawAttribution();
    drawCoordinates(last);
  });
  app.events.addEventListener("layers", drawAttribution);
  drawScale();
  drawCoordinates(last);
  drawAttribution();
}
