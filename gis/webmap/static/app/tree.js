// The panel on the left: layers by theme with their symbols, and what the signs mean.
import { el, icon, refill, svg } from "gis/dom.js";
import { swatch } from "gis/symbols.js";
import { formatAccuracy, onLanguage, pickLanguage, say } from "gis/words.js";

const DOTS = "M4.500 10h.01M10 10h.01M15.500 10h.01";

/** Build the tree and the legend, and build them again when the language changes. */
export function placeTree(app) {
  const place = () => {
    const open = new Set([...document.querySelectorAll("#tree details[open]")].map((node) => node.dataset.key));
    const first = !document.querySelector("#tree details");
    refill(document.getElementById("tree"), app.config.groups.map((group) => drawGroup(app, group, first ? null : open)),
      app.online.length ? drawOnline(app) : null);
    refill(document.getElementById("legend"), drawLegend(app));
  };
  place();
  onLanguage(place);
  app.events.addEventListener("layers", () => refreshRows(app));
  const fade = document.getElementById("fade");
  fade.addEventListener("input", () => app.fadeAll(Number(fade.value) / 100));
  placeMenu();
}

function drawGroup(app, group, open) {
  const layers = group.layers.map((id) => app.layers.get(id));
  const usable = layers.filter((layer) => layer.facts.usable);
  const failed = layers.filter((layer) => layer.facts.status === "failed");
  const empty = layers.filter((layer) => !layer.facts.usable && layer.facts.status !== "failed");
  return el("details", { class: "group", "data-key": group.theme, open: open ? open.has(group.theme) : !group.collapsed },
    el("summary", {}, el("span", { class: "group-title" }, say(group.title))),
    usable.length ? el("ul", { class: "rows" }, usable.map((layer) => drawRow(app, layer))) : null,
    failed.map(drawFailed),
    empty.length ? drawEmpty(empty, group, open) : null);
}

function drawOnline(app) {
  const row = (base) => {
    const box = el("input", { type: "checkbox", id: `online-${base.id}`, checked: base.shown, onchange: () => app.setOnline(base, box.checked) });
    return el("li", {}, el("label", { class: "row-name", for: box.id }, box, el("span", {}, say(base.title))));
  };
  return el("details", { class: "group", "data-key": "online", open: true },
    el("summary", {}, el("span", { class: "group-title" }, say("online"))), el("ul", { class: "rows" }, app.online.map(row)));
}

function drawEmpty(layers, group, open) {
  const key = `${group.theme}-empty`;
  return el("details", { class: "empty", "data-key": key, open: open ? open.has(key) : false },
    el("summary", {}, `${say(layers[0].facts.rule_id ? "no_data_rules" : "no_data_more")} · ${layers.length}`),
    el("p", { class: "hint" }, say(layers[0].facts.rule_id ? "no_data_rules_help" : "no_data_help")),
    el("ul", {}, layers.map((layer) => el("li", {},
      say(layer.facts.title),
      layer.facts.required ? el("span", { class: "badge" }, say("required")) : null))));
}

function drawFailed({ facts }) {
  return el("p", { class: "hint failed" }, el("span", { class: "badge bad" }, say("failed")), ` ${say(facts.title)}: ${say(facts.problem)}`);
}

function drawRow(app, layer) {
  const { facts } = layer;
  const box = el("input", { type: "checkbox", id: `on-${facts.id}`, checked: layer.shown, onchange: () => app.setShown(facts.id, box.checked) });
  const about = el("div", { class: "about", id: `about-${facts.id}`, hidden: true });
  const more = el("button", {
    type: "button", class: "more", "aria-expanded": "false", "aria-controls": about.id,
    "aria-label": `${say("details")} ${say(facts.title)}`, title: say("details"),
    onclick: () => {
      about.hidden = !about.hidden;
      more.setAttribute("aria-expanded", String(!about.hidden));
      if (!about.hidden) refill(about, drawAbout(app, layer));
    },
  }, icon(DOTS));
  const signs = [...new Map(facts.kinds.map((kind) => [`${kind.style} ${kind.geometry}`, kind])).values()];
  const single = signs.length === 1;
  return el("li", { class: "row", "data-layer": facts.id },
    el("div", { class: "row-line" },
      el("label", { class: "row-name", for: box.id }, box, single ? swatchOf(app, layer, signs[0]) : null, el("span", {}, say(facts.title))),
      el("span", { class: "row-state", role: "status" }),
      more),
    single ? null : el("ul", { class: "kinds" }, signs.map((kind) =>
      el("li", {}, swatchOf(app, layer, kind), el("span", {}, kindLabel(app, kind.kind, kind.style))))),
    layer.reduced?.() ? el("p", { class: "hint" }, say("reduced", { scale: layer.reduced() })) : null,
    about);
}

function swatchOf(app, layer, kind) {
  return swatch(kind.style, app.config.styles[kind.style], kind.geometry || layer.facts.geometry_type);
}

/** Return the wording of a kind: its style's, else its own name. */
export function kindLabel(app, kind, style) {
  return style === "fallback" && kind ? kind : say(app.config.styles[style].label);
}

function drawAbout(app, layer) {
  const { facts } = layer;
  const slider = el("input", {
    type: "range", min: 0, max: 100, step: 5, value: Math.round(layer.fade * 100), "aria-label": `${say("opacity")} ${say(facts.title)}`,
    oninput: () => app.setFade(facts.id, Number(slider.value) / 100),
  });
  const line = (key, value) => (value ? [el("dt", {}, say(key)), el("dd", {}, value)] : []);
  return [
    el("label", { class: "fade" }, el("span", {}, say("opacity")), slider),
    facts.note ? el("p", { class: "hint" }, say(facts.note)) : null,
    el("dl", {},
      line("features_count", String(facts.rows)),
      line("accuracy", facts.accuracy_m === null ? say("unknown") : formatAccuracy(facts.accuracy_m)),
      line("provenance", say(`provenance_${facts.provenance}`)),
      line("source", pickLanguage(facts.source)),
      line("data_date", facts.data_date),
      line("licence", facts.licence)),
    facts.sensitive ? el("span", { class: "badge" }, say("sensitive")) : null,
    facts.bounds ? el("button", { type: "button", class: "link", onclick: () => app.zoomTo(facts.bounds) }, say("zoom_to")) : null,
  ];
}

function refreshRows(app) {
  for (const row of document.querySelectorAll("#tree .row")) {
    const layer = app.layers.get(row.dataset.layer);
    row.querySelector("input[type=checkbox]").checked = layer.shown;
    row.querySelector(".row-state").textContent =
      layer.state === "loading" ? [say("loading"), layer.progress ? `${Math.round(layer.progress * 100)} %` : ""].filter(Boolean).join(" ") : layer.state === "error" ? say("load_error") : "";
  }
}

function drawLegend(app) {
  const edge = svg("svg", { viewBox: "0 0 28 18", width: 28, height: 18, class: "swatch", "aria-hidden": "true" },
    [[13, 0.12], [8.500, 0.16], [4, 0.22]].map(([width, opacity]) =>
      svg("path", { d: "M1 13C8 2 16 17 27 6", fill: "none", stroke: "#2b6b3c", "stroke-width": width, "stroke-opacity": opacity })),
    svg("path", { d: "M1 13C8 2 16 17 27 6", fill: "none", stroke: "#2b6b3c", "stroke-width": 1.600 }));
  const disc = svg("svg", { viewBox: "0 0 28 18", width: 28, height: 18, class: "swatch", "aria-hidden": "true" },
    svg("circle", { cx: 14, cy: 9, r: 8, fill: "#4d7ea8", "fill-opacity": 0.16, stroke: "#28527a", "stroke-opacity": 0.5, "stroke-dasharray": "1.500 2.500" }),
    svg("circle", { cx: 14, cy: 9, r: 2.500, fill: "#28527a" }));
  const open = svg("svg", { viewBox: "0 0 28 18", width: 28, height: 18, class: "swatch", "aria-hidden": "true" },
    svg("rect", { x: 2, y: 2, width: 24, height: 14, rx: 2.5, fill: "none", stroke: "#a3262a", "stroke-width": 1.2, "stroke-dasharray": "3 4" }));
  return [
    app.config.notice ? el("p", { class: "hint notice" }, say(app.config.notice)) : null,
    el("p", { class: "sign" }, edge, el("span", {}, say("soft_edge"))),
    el("p", { class: "sign" }, disc, el("span", {}, say("soft_point"))),
    app.config.styles.zone_prohibited && [...app.layers.values()].some(({ facts }) => facts.rule_id && facts.usable) ? el("p", { class: "sign" }, open, el("span", {}, say("open_zone"))) : null,
    el("p", { class: "hint" }, say("certainty_note")),
  ];
}

function placeMenu() {
  const button = document.getElementById("menu");
  const panel = document.getElementById("panel");
  const set = (open) => {
    panel.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => set(!panel.classList.contains("open")));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.classList.contains("open")) {
      set(false);
      button.focus();
    }
  });
}
