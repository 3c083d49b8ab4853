// Checking sites on the map: what is drawn or dropped goes to the service, the result comes back beside the map.
import { el, icon, refill } from "gis/dom.js";
import { DrawTool, drawButtons } from "gis/draw.js";
import { ResultOverlay } from "gis/overlay.js";
import { drawResult } from "gis/result.js";
import { formatArea, formatLength, language, onLanguage, pickLanguage, say } from "gis/words.js";

const CROSS = "M5 5l10 10M15 5 5 15";
const POLL_MS = 700;
const DRAWN_NAME = "drawn.geojson";
const OPTIONS = [
  ["on", "date"], ["site_accuracy", "number"], ["near", "number"], ["datum", "datum"], ["crs", "text"], ["name", "text"], ["disturbance", "number"], ["what_if", "checkbox"], ["accept_repairs", "checkbox"],
];
const DATUMS = ["", "gcj02", "bd09"];

/** Prepare the panel of a map on which sites are checked. */
export function placeCheck(app) {
  const panel = new CheckPanel(app);
  onLanguage(() => panel.draw());
  panel.draw();
  if (app.config.result) panel.open(app.config.result);
  return panel;
}

class CheckPanel {
  constructor(app) {
    Object.assign(this, { app, node: document.getElementById("check"), files: [], values: { site_accuracy: "1", near: "1000" }, state: "idle" });
    this.overlay = new ResultOverlay(app);
    this.tool = new DrawTool(app, () => this.draw());
    this.placeDrop(document.getElementById("map-frame"));
    this.placeDrop(this.node);
  }

  placeDrop(node) {
    const over = (event) => {
      event.preventDefault();
      document.body.classList.add("dropping");
    };
    node.addEventListener("dragover", over);
    node.addEventListener("dragenter", over);
    node.addEventListener("dragleave", (event) => {
      if (!node.contains(event.relatedTarget)) document.body.classList.remove("dropping");
    });
    node.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dropping");
      this.addFiles(event.dataTransfer.files);
    });
  }

  addFiles(list) {
    this.files.push(...list);
    this.edit();
  }

  /** Go back from a result to what was drawn and chosen. */
  edit() {
    this.result = null;
    this.error = null;
    this.state = "idle";
    this.overlay.clear();
    this.tool.freeze(false);
    this.draw();
  }

  draw() {
    const open = Boolean(this.node.querySelector(".options[open]"));
    refill(this.node, this.result ? this.drawAnswer() : this.drawForm(open));
    this.node.classList.toggle("has-result", Boolean(this.result));
  }

  drawForm(open) {
    const ready = this.tool.shapes.length || this.files.length;
    return [
      el("h1", {}, say("check_title")),
      el("div", { class: "draw-row", role: "group", "aria-label": say("draw") }, drawButtons(this.tool)),
      el("p", { class: "hint", role: "status" }, this.tool.draft ? say(`draw_help_${this.tool.draft.type}`) : say("draw_help")),
      el("div", { class: "link-row" },
        el("button", { type: "button", class: "link", disabled: !this.tool.past.length, onclick: () => this.tool.undo() }, say("undo")),
        el("button", { type: "button", class: "link", disabled: !this.tool.shapes.length && !this.tool.draft, onclick: () => this.tool.clear() }, say("clear"))),
      this.drawFileField(),
      ready ? el("ul", { class: "given", "aria-label": say("given") }, this.drawGiven()) : null,
      this.drawOptions(open),
      el("button", { type: "button", class: "primary run", disabled: this.state === "busy" || !ready, onclick: () => this.run() }, say("check")),
      this.state === "busy" ? this.drawProgress() : null,
      this.error ? drawError(this.error) : null,
    ];
  }

  drawFileField() {
    const field = el("input", { type: "file", id: "site-files", multiple: true, onchange: () => this.addFiles(field.files) });
    return el("div", { class: "files" }, field,
      el("label", { class: "file-button", for: field.id }, say("files")), el("p", { class: "hint" }, say("files_help")));
  }

  drawGiven() {
    const removable = (text, extra, work) => el("li", {}, el("span", { class: "given-name" }, text), el("span", { class: "hint" }, extra),
      el("button", { type: "button", class: "round", "aria-label": `${say("remove")} ${text}`, onclick: work }, icon(CROSS)));
    return [
      ...this.tool.measures().map(({ name, area, length }, index) =>
        removable(name, area ? formatArea(area) : length ? formatLength(length) : "", () => this.tool.remove(index))),
      ...this.files.map((file, index) => removable(file.name, `${Math.ceil(file.size / 1024)} kB`, () => {
        this.files.splice(index, 1);
        this.draw();
      })),
    ];
  }

  drawOptions(open) {
    const row = ([name, kind]) => {
      const keep = (event) => { this.values[name] = kind === "checkbox" ? (event.target.checked ? "true" : "") : event.target.value; };
      const id = `option-${name}`;
      const field = kind === "datum"
        ? el("select", { id, onchange: keep }, DATUMS.map((code) => el("option", { value: code, selected: (this.values.datum || "") === code }, say(`datum_${code || "auto"}`))))
        : el("input", { id, type: kind, min: kind === "number" ? 0 : null, value: kind === "checkbox" ? null : this.values[name] || "", checked: this.values[name] === "true", onchange: keep });
      return el("div", { class: `option ${kind}` }, el("label", { for: id }, say(`option_${name}`)), field);
    };
    return el("details", { class: "options", open }, el("summary", {}, say("options")), OPTIONS.map(row));
  }

  drawProgress() {
    return el("div", { class: "progress", role: "status" }, el("span", {}, say("checking")),
      el("progress", { max: 1, value: this.progress ?? null, "aria-label": say("checking") }));
  }

  drawAnswer() {
    return [
      el("div", { class: "answer-head" }, el("h1", { tabindex: -1 }, say("result")),
        el("button", { type: "button", class: "link", onclick: () => this.again() }, say(this.tool.shapes.length ? "edit_site" : "new_check"))),
      drawResult(this.app, this.result, this.overlay),
    ];
  }

  again() {
    if (this.app.config.result) location.assign(`/maps/check?lang=${language()}`);
    else this.edit();
  }

  request() {
    const given = Object.entries(this.values).filter(([, value]) => value);
    const drawn = this.tool.features();
    const collection = JSON.stringify({ type: "FeatureCollection", features: drawn });
    if (!this.files.length) {
      const query = new URLSearchParams(given.filter(([name]) => name !== "crs" && name !== "datum"));
      return [`/api/checks?${query}`, { method: "POST", headers: { "content-type": "application/geo+json" }, body: collection }];
    }
    const form = new FormData();
    for (const file of this.files) form.append("files", file);
    if (drawn.length) form.append("files", new File([collection], DRAWN_NAME, { type: "application/geo+json" }));
    for (const [name, value] of given) form.append(name, value);
    return ["/api/checks", { method: "POST", body: form }];
  }

  async run() {
    this.tool.stop();
    if (this.files.length && this.tool.shapes.length && (this.values.crs || this.values.datum)) {
      this.error = { message: this.app.config.words.mixed_systems };
      return this.draw();
    }
    return this.follow(async () => {
      const [address, given] = this.request();
      return this.wait(await readAnswer(await fetch(address, given)));
    });
  }

  open(checkId) {
    return this.follow(async () => readAnswer(await fetch(`/api/checks/${encodeURIComponent(checkId)}`)));
  }

  async follow(work) {
    Object.assign(this, { state: "busy", error: null, progress: null });
    this.draw();
    try {
      this.result = await work();
      this.tool.freeze(true);
      this.overlay.show(this.result);
    } catch (error) {
      this.error = error.body || { message: this.app.config.words.no_connection };
      if (!error.body) console.warn(error);
    }
    this.state = "idle";
    this.draw();
    this.node.scrollTop = 0;
    if (this.result) this.node.querySelector("h1").focus({ preventScroll: true });
  }

  /** Follow a long check until its result is there. */
  async wait(answer) {
    let job = answer;
    while (job.job_id) {
      this.progress = job.progress ?? null;
      this.draw();
      await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
      job = await readAnswer(await fetch(job.links?.self || `/api/jobs/${encodeURIComponent(job.job_id)}`));
      if (job.error) throw Object.assign(new Error(job.error.code), { body: job.error });
      if (job.check_id && job.job_id) job = await readAnswer(await fetch(`/api/checks/${encodeURIComponent(job.check_id)}`));
    }
    return job;
  }
}

async function readAnswer(answer) {
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(`HTTP ${answer.status}`), { body });
  return body;
}

function drawError(error) {
  return el("div", { class: "error", role: "alert" },
    el("p", {}, say(error.message)),
    error.where ? el("p", { class: "hint" }, `${say("where")}: ${error.where}`) : null,
    error.hint ? el("p", { class: "hint" }, typeof error.hint === "string" ? pickLanguage(error.hint) : say(error.hint)) : null);
}
