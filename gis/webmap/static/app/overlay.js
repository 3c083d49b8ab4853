// A check's result on the map: sites, overlaps in the colour of their level, what corridors lose, alternatives.
import { el } from "gis/dom.js";
import { anchorOf, boxOf } from "gis/shapes.js";
import { pathOptions } from "gis/symbols.js";

const LEVELS = ["notice", "approval_needed", "restricted", "prohibited"];
const LEAST_REACH = 0.004;

export class ResultOverlay {
  constructor(app) {
    this.app = app;
    app.map.createPane("result").style.zIndex = "612";
    app.map.createPane("result-marks").style.zIndex = "615";
    this.renderer = L.svg({ pane: "result", padding: 0.4 });
    this.group = L.layerGroup().addTo(app.map);
    this.marks = L.layerGroup().addTo(app.map);
  }

  clear() {
    this.group.clearLayers();
    this.marks.clearLayers();
  }

  show(result) {
    this.clear();
    const boxes = [];
    for (const site of result.sites) {
      this.add(site.geometry, this.siteLook(), boxes);
      const met = site.findings.filter((finding) => finding.geometry);
      for (const finding of met.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))) {
        this.add(finding.geometry, this.levelLook(finding));
      }
      this.add(site.geometry, { ...this.siteLook(), fill: false });
      for (const other of site.alternatives || []) this.add(other.geometry, { color: "#2f7d4a", weight: 2.5, dashArray: "7 5", fillColor: "#2f7d4a", fillOpacity: 0.12 }, boxes);
    }
    for (const effect of result.corridors_together) this.add(effect.narrowest_at, { color: "#6d1fa8", weight: 4, dashArray: "2 6", lineCap: "round" });
    result.sites.forEach((site, index) => this.number(site, index + 1, result.sites.length));
    if (boxes.length) this.zoom(boxes);
  }

  siteLook() {
    return { ...pathOptions("project_site", this.app.config.styles.project_site, 2), fillOpacity: 0.08, fillColor: "#d7413a" };
  }

  /** The colour says the level; a dashed outline says that the accuracies leave it open. */
  levelLook({ level, certainty }) {
    const style = this.app.config.styles[`zone_${level}`];
    const open = certainty !== "certain";
    return { color: style.stroke, weight: 1.8, dashArray: open ? "5 4" : null, fill: true, fillColor: style.fill, fillOpacity: open ? 0.3 : 0.45 };
  }

  add(geometry, look, boxes) {
    if (!geometry) return;
    boxes?.push(boxOf(geometry));
    L.geoJSON({ type: "Feature", properties: {}, geometry }, {
      style: () => ({ ...look, pane: "result", renderer: this.renderer, interactive: false }),
      pointToLayer: (_, latlng) => L.circleMarker(latlng, { ...look, radius: 7, pane: "result", renderer: this.renderer, interactive: false }),
    }).eachLayer((part) => this.group.addLayer(part));
  }

  number(site, number, count) {
    if (!site.geometry || count < 2) return;
    const [lon, lat] = anchorOf(site.geometry);
    const drawn = L.divIcon({ html: el("span", {}, String(number)), className: `site-number verdict-${site.verdict}`, iconSize: [24, 24] });
    L.marker([lat, lon], { icon: drawn, pane: "result-marks", interactive: false, keyboard: false }).addTo(this.group);
  }

  /** Point out one geometry and go there. */
  point(geometry) {
    this.marks.clearLayers();
    if (!geometry) return;
    L.geoJSON({ type: "Feature", properties: {}, geometry }, {
      style: () => ({ color: "#14a0c4", weight: 4, fill: false, pane: "result", renderer: this.renderer, interactive: false }),
      pointToLayer: (_, latlng) => L.circleMarker(latlng, { radius: 13, color: "#14a0c4", weight: 4, fill: false, pane: "result", renderer: this.renderer, interactive: false }),
    }).eachLayer((part) => this.marks.addLayer(part));
    this.zoom([boxOf(geometry)]);
  }

  zoom(boxes) {
    const pick = (index, best) => best(...boxes.map((box) => box[index]));
    const [west, south, east, north] = [pick(0, Math.min), pick(1, Math.min), pick(2, Math.max), pick(3, Math.max)];
    const pad = Math.max(LEAST_REACH, (east - west) * 0.4, (north - south) * 0.4);
    this.app.zoomTo([west - pad, south - pad, east + pad, north + pad], { most: 16 });
  }
}
