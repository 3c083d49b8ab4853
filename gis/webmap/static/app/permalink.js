// The address keeps the view, the layers and the language, so that a copied link opens the same map.
import { language, onLanguage } from "gis/words.js";

/** Read what the address asks for: {centre, zoom, layers} with what is missing left out. */
export function readLink() {
  const given = new URLSearchParams(location.hash.slice(1));
  const [zoom, lat, lon] = (given.get("map") || "").split("/").map(Number);
  const found = {};
  if ([zoom, lat, lon].every(Number.isFinite) && given.get("map")) Object.assign(found, { zoom, centre: [lat, lon] });
  if (given.get("lang") === "zh" || given.get("lang") === "en") found.language = given.get("lang");
  if (given.has("layers")) found.layers = new Set(given.get("layers").split(",").filter(Boolean));
  found.fades = new Map((given.get("fade") || "").split(",").filter(Boolean).map((item) => item.split(":"))
    .filter(([, value]) => Number(value) >= 0 && Number(value) <= 100).map(([id, value]) => [id, Number(value) / 100]));
  return found;
}

/** Keep the address up to date. */
export function placePermalink(app) {
  const write = () => {
    const centre = app.map.getCenter();
    const place = [app.map.getZoom().toFixed(2), centre.lat.toFixed(5), centre.lng.toFixed(5)].join("/");
    const layers = [...app.layers.values()];
    const shown = layers.filter((layer) => layer.shown).map((layer) => layer.id).join(",");
    const faded = layers.filter((layer) => layer.fade > 0).map((layer) => `${layer.id}:${Math.round(layer.fade * 100)}`).join(",");
    const address = new URL(location.href);
    const isFile = address.protocol === "file:";
    if (!isFile) address.searchParams.set("lang", language());
    address.hash = `map=${place}&layers=${shown}${faded ? `&fade=${faded}` : ""}${isFile ? `&lang=${language()}` : ""}`;
    history.replaceState(null, "", address);
    for (const link of document.querySelectorAll("[data-lang-link]")) {
      const target = new URL(link.href);
      target.searchParams.set("lang", language());
      link.href = target.href;
    }
  };
  app.map.on("moveend", write);
  app.events.addEventListener("layers", write);
  onLanguage(write);
  return write;
}
