// The buttons on the map: zoom, first view, measure, share.
import { el, icon, refill } from "gis/dom.js";
import { placeMeasure } from "gis/measure.js";
import { onLanguage, say } from "gis/words.js";

const ICONS = {
  zoom_in: "M10 4v12M4 10h12",
  zoom_out: "M4 10h12",
  home: "M3 10 10 4l7 6M5 8.500V16h10V8.500",
  measure: "M2.500 13.500 13.500 2.500l4 4-11 11zM6 10l2 2M8.500 7.500l1.500 1.500M11 5l2 2",
  print: "M6 7V3h8v4M6 14H3.500V8.500h13V14H14M6 11.500h8V17H6z",
  share: "M8 12l4-4M7 9l-2.500 2.500a2.800 2.800 0 0 0 4 4L11 13M13 11l2.500-2.500a2.800 2.800 0 0 0-4-4L9 7",
};

/** Place the toolbar; every button has its name in the language of the page. */
export function placeTools(app) {
  const bar = document.getElementById("tools");
  const card = document.getElementById("tool-card");
  const measure = placeMeasure(app, card);
  const work = {
    zoom_in: () => app.map.zoomIn(),
    zoom_out: () => app.map.zoomOut(),
    home: () => app.zoomTo(app.config.view),
    measure: () => measure.toggle(),
    print: () => showPrint(app, card),
    share: () => showLink(card),
  };
  const buttons = Object.entries(work).map(([name, act]) => {
    const button = el("button", { type: "button", class: `tool ${name}`, onclick: act }, icon(ICONS[name]));
    const label = () => {
      button.setAttribute("aria-label", say(name));
      button.title = say(name);
    };
    label();
    onLanguage(label);
    return button;
  });
  refill(bar, buttons);
  measure.onToggle((active) => buttons[3].setAttribute("aria-pressed", String(active)));
  for (const node of [bar, card]) {
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
  }
}

// A sheet of the view from the service, at a scale of its own; or the page as the browser prints it.
function showPrint(app, card) {
  const bounds = app.map.getBounds();
  const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((value) => value.toFixed(5)).join(",");
  const sheet = (paper) => el("a", {
    href: `/api/sheets/view.pdf?${new URLSearchParams({ bbox: box, theme: app.config.map, paper })}`, target: "_blank", rel: "noopener",
  }, paper);
  const close = () => { card.hidden = true; };
  refill(card,
    app.config.embedded ? null : [el("p", {}, say("print_help")), el("p", { class: "papers" }, ["A4", "A3", "A1"].map(sheet))],
    el("div", { class: "link-row" },
      el("button", { type: "button", class: "primary", onclick: () => { close(); window.print(); } }, say("print_page")),
      el("button", { type: "button", class: "link", onclick: close }, say("close"))));
  card.hidden = false;
}

function showLink(card) {
  const field = el("input", { type: "text", readonly: true, value: location.href, "aria-label": say("share") });
  const copy = el("button", {
    type: "button", class: "primary",
    onclick: async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      copy.textContent = say("copied");
    },
  }, say("copy"));
  refill(card,
    el("p", {}, say("share_help")),
    el("div", { class: "link-row" }, field, copy, el("button", { type: "button", class: "link", onclick: () => { card.hidden = true; } }, say("close"))));
  card.hidden = false;
  field.select();
}
