// Search by name in all layers that have data; the hit is shown, zoomed to and identified.
import { el, refill } from "gis/dom.js";
import { tiledNamed } from "gis/tiles.js";
import { kindLabel } from "gis/tree.js";
import { nameOf, otherName, say } from "gis/words.js";

const MAX_HITS = 12;

function score(feature, wanted) {
  const names = [feature.properties.name_zh, feature.properties.name_en].filter(Boolean).map((name) => String(name).toLowerCase());
  const best = Math.max(0, ...names.map((name) => (name === wanted ? 4 : name.startsWith(wanted) ? 3 : name.includes(wanted) ? 2 : 0)));
  return best && best + (feature.layer.facts.theme === "context" ? 0 : 0.5);
}

/** Connect the search field. */
export function placeSearch(app) {
  const field = document.getElementById("search");
  const list = document.getElementById("search-hits");
  let hits = [];
  let current = -1;

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    current = -1;
  }

  function choose(feature) {
    close();
    field.value = nameOf(feature.properties);
    app.goTo(feature);
  }

  function point(index) {
    current = (index + hits.length) % hits.length;
    [...list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === current)));
    field.setAttribute("aria-activedescendant", `hit-${current}`);
    list.children[current].scrollIntoView({ block: "nearest" });
  }

  async function find() {
    const wanted = field.value.trim().toLowerCase();
    if (!wanted) return close();
    const [tiled] = await Promise.all([tiledNamed(app, wanted, MAX_HITS, score), app.loadAll()]);
    if (field.value.trim().toLowerCase() !== wanted) return undefined;
    hits = [...app.layers.values()].flatMap((layer) => layer.features)
      .map((feature) => [score(feature, wanted), feature]).filter(([value]) => value).concat(tiled)
      .sort(([a, left], [b, right]) => b - a || nameOf(left.properties).length - nameOf(right.properties).length)
      .slice(0, MAX_HITS).map(([, feature]) => feature);
    refill(list, hits.length ? hits.map(drawHit) : el("li", { class: "none" }, say("search_none")));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    current = -1;
    return undefined;
  }

  function drawHit(feature, index) {
    return el("li", { role: "option", id: `hit-${index}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => choose(feature) },
      el("span", { class: "hit-name" }, nameOf(feature.properties)),
      el("span", { class: "hit-kind" }, [kindLabel(app, feature.properties.kind, feature.style), otherName(feature.properties)].filter(Boolean).join(" · ")));
  }

  field.addEventListener("input", find);
  field.addEventListener("focus", () => { if (field.value) find(); });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && hits.length && !list.hidden) { point(current + 1); event.preventDefault(); }
    else if (event.key === "ArrowUp" && hits.length && !list.hidden) { point(current - 1); event.preventDefault(); }
    else if (event.key === "Enter" && hits.length && !list.hidden) choose(hits[Math.max(current, 0)]);
  });
}
