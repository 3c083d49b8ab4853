// A check's result in words: the verdict, the findings by severity, what corridors lose, what was not assessed.
import { el } from "gis/dom.js";
import { formatAccuracy, formatArea, formatLength, language, say } from "gis/words.js";

const LEVELS = ["prohibited", "restricted", "approval_needed", "notice"];
const VERDICTS = ["prohibited", "restricted", "approval_needed", "attention", "undetermined", "clear"];
const FACES = [["json", ""], ["geojson", ".geojson"], ["xlsx", ".xlsx"], ["html", ".html"], ["pdf", ".pdf"]];
const DIRECTIONS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

/** Return the whole result; `overlay` points things out on the map. */
export function drawResult(app, result, overlay) {
  return [
    result.sites.length > 1 ? drawSummary(result) : null,
    result.sites.map((site, index) => drawSite(app, result, site, index, overlay)),
    result.sites.length > 1 ? drawCorridors(result.corridors_together, overlay, "corridors_together") : null,
    drawRejected(result.rejected),
    drawFiles(result.input.files),
    drawFaces(result),
    drawBasis(result),
  ];
}

function drawSummary(result) {
  return el("ul", { class: "summary", "aria-label": say("summary") }, VERDICTS.filter((verdict) => result.summary.by_verdict[verdict]).map((verdict) =>
    el("li", {}, badge(verdict), el("strong", {}, ` × ${result.summary.by_verdict[verdict]}`))));
}

const badge = (verdict) => el("span", { class: `verdict verdict-${verdict}` }, say(`verdict_${verdict}`));

function drawSite(app, result, site, index, overlay) {
  const many = result.sites.length > 1;
  const name = site.name || (many ? `${say("site")} ${index + 1}` : "");
  const current = site.findings.filter((finding) => finding.relation !== "near" && !finding.pending);
  const near = site.findings.filter((finding) => finding.relation === "near" && !finding.pending);
  const pending = site.findings.filter((finding) => finding.pending);
  const body = [
    el("p", { class: "site-facts" }, [site.area_m2 ? formatArea(site.area_m2) : site.length_m ? formatLength(site.length_m) : say("kind_point"), formatAccuracy(site.accuracy_m)].join(" · ")),
    el("p", { class: "verdict-help" }, say(`verdict_help_${site.verdict}`)),
    [...site.repairs, ...site.warnings].map((note) => el("p", { class: "note" }, say(note.message))),
    LEVELS.map((level) => drawLevel(app, level, current.filter((finding) => finding.level === level), site, overlay)),
    current.length ? null : el("p", { class: "hint" }, say("findings_none")),
    drawFolded(app, "findings_near", near, site, overlay),
    drawFolded(app, "findings_pending", pending, site, overlay),
    drawCorridors(site.corridor_effects, overlay, "corridors"),
    drawAlternatives(site.alternatives, overlay),
    drawGaps(app, site),
  ];
  if (!many) return el("section", { class: "site" }, el("p", { class: "site-head" }, badge(site.verdict), el("span", { class: "site-name" }, name)), body);
  return el("details", { class: "site", open: index === 0, ontoggle: (event) => { if (event.target.open) overlay.point(site.geometry); } },
    el("summary", {}, el("span", { class: "site-index" }, String(index + 1)), badge(site.verdict), el("span", { class: "site-name" }, name)), body);
}

function drawLevel(app, level, findings, site, overlay) {
  if (!findings.length) return null;
  return el("section", { class: `findings ${level}` },
    el("h2", {}, el("span", { class: "level" }, say(`level_${level}`)), ` ${findings.length}`),
    findings.map((finding) => drawFinding(app, finding, site, overlay)));
}

function drawFolded(app, title, findings, site, overlay) {
  if (!findings.length) return null;
  return el("details", { class: "folded" }, el("summary", {}, `${say(title)} · ${findings.length}`),
    findings.map((finding) => drawFinding(app, finding, site, overlay)));
}

function drawFinding(app, finding, site, overlay) {
  const decisive = site.reasons.includes(finding.finding_id);
  const zone = app.layers.get(`zone-${finding.rule_id}`);
  const unverified = finding.provisions.every((law) => !law.verified);
  return el("article", { class: `finding ${finding.level}` },
    el("h3", {}, say(finding.title)),
    el("p", { class: "finding-how" }, say(`certainty_${finding.certainty}`), " · ", say(`relation_${finding.relation}`), amount(finding),
      decisive ? el("span", { class: "badge decisive" }, say("decisive")) : null),
    el("p", {}, say(finding.requirement)),
    el("ul", { class: "provisions" }, finding.provisions.map((law) => el("li", {}, `${law.instrument} ${law.article}${law.version ? ` (${law.version})` : ""}`))),
    el("p", { class: "hint" }, [`${say("accuracy")} ${formatAccuracy(finding.accuracy_m)}`, unverified ? say("unverified") : "",
      finding.height_limit_m !== null ? say("height_limit", { m: Math.round(finding.height_limit_m) }) : ""].filter(Boolean).join(" · ")),
    el("div", { class: "finding-actions" },
      finding.geometry ? el("button", { type: "button", class: "link", onclick: () => overlay.point(finding.geometry) }, say("show_overlap")) : null,
      zone?.facts.usable ? el("button", { type: "button", class: "link", onclick: () => app.setShown(zone.id, !zone.shown) }, say("show_zone")) : null));
}

function amount(finding) {
  const { overlap_area_m2: area, share_of_site: share, overlap_length_m: length } = finding;
  if (finding.relation === "near") return ` ${formatLength(finding.distance_m)}${bearing(finding)}`;
  const parts = [];
  if (area && area.as_drawn > 0) parts.push(`${formatArea(area.as_drawn)}${spread(area, formatArea)}`);
  if (share && share.as_drawn > 0) parts.push(`${say("of_site")} ${percent(share.as_drawn)}`);
  if (length && length.as_drawn > 0 && !parts.length) parts.push(`${formatLength(length.as_drawn)}${spread(length, formatLength)}`);
  return parts.length ? ` · ${parts.join(" · ")}` : "";
}

function spread({ as_drawn: drawn, min, max }, format) {
  if (max - min <= drawn * 0.005) return "";
  return language() === "en" ? ` (${format(min)} to ${format(max)})` : `（${plain(format(min))} ～ ${plain(format(max))}）`;
}

const plain = (text) => text.replace(/（.*）/, "");

const percent = (share) => `${share >= 0.9995 ? 100 : (share * 100).toPrecision(share < 0.01 ? 1 : share < 0.1 ? 2 : 3)} %`;

function bearing({ bearing_deg: degrees }) {
  return degrees === null || degrees === undefined ? "" : ` ${say(`direction_${DIRECTIONS[Math.round(degrees / 45) % 8]}`)}`;
}

function drawCorridors(effects, overlay, title) {
  if (!effects.length) return null;
  return el("section", { class: "effects" }, el("h2", {}, say(title)), effects.map((effect) => el("article", { class: effect.severed ? "finding prohibited" : "finding" },
    el("h3", {}, say(effect.title)),
    effect.severed ? el("p", {}, el("strong", {}, say("severed"))) : null,
    el("dl", {},
      el("dt", {}, say("area_lost")), el("dd", {}, formatArea(effect.area_lost_m2)),
      el("dt", {}, say("width_passage")), el("dd", {}, `${formatLength(effect.width_before_m)} → ${formatLength(effect.width_after_m)}`),
      effect.required_width_m ? [el("dt", {}, say("width_required")), el("dd", {}, formatLength(effect.required_width_m))] : null,
      el("dt", {}, say("accuracy")), el("dd", {}, formatAccuracy(effect.accuracy_m))),
    effect.narrowest_at ? el("button", { type: "button", class: "link", onclick: () => overlay.point(effect.narrowest_at) }, say("show_narrowest")) : null)));
}

function drawAlternatives(alternatives, overlay) {
  if (!alternatives?.length) return null;
  return el("section", { class: "effects" }, el("h2", {}, say("alternatives")), alternatives.map((other) => el("article", { class: "finding" },
    el("h3", {}, say(`alternative_${other.kind}`)),
    other.geometry
      ? [el("p", {}, badge(other.verdict), ` ${other.kind === "shift" ? say("moved", { m: Math.round(Math.hypot(other.dx_m, other.dy_m)), e: Math.round(other.dx_m), n: Math.round(other.dy_m) }) : formatArea(other.area_m2)}`),
        el("button", { type: "button", class: "link", onclick: () => overlay.point(other.geometry) }, say("show_overlap"))]
      : el("p", { class: "hint" }, say("alternative_none")))));
}

function drawGaps(app, site) {
  if (!site.unassessed.length) return null;
  const required = (gap) => app.config.required.includes(gap.layer_id);
  const order = [...site.unassessed].sort((a, b) => required(b) - required(a));
  const item = (gap) => el("li", {}, say(gap.title), el("span", { class: "hint" }, ` ${say(`gap_${gap.reason}`)}${gap.share_of_site < 0.9995 ? ` ${percent(gap.share_of_site)}` : ""}`),
    required(gap) ? el("span", { class: "badge" }, say("required")) : null);
  return el("details", { class: "folded gaps", open: site.verdict === "undetermined" },
    el("summary", {}, `${say("unassessed")} · ${site.unassessed.length}`),
    el("p", { class: "hint" }, say("unassessed_help")),
    el("ul", {}, order.map(item)));
}

function drawRejected(rejected) {
  if (!rejected.length) return null;
  return el("section", { class: "error" }, el("h2", {}, `${say("rejected")} · ${rejected.length}`), el("ul", {}, rejected.map((item) =>
    el("li", {}, `${[item.file, `#${item.index + 1}`, item.name].filter(Boolean).join(" ")}: ${say(item.message)}`))));
}

function drawFiles(files) {
  const told = files.filter((file) => file.notes.length);
  return told.length ? el("details", { class: "folded" }, el("summary", {}, say("read_as")), el("ul", {}, told.map((file) =>
    el("li", {}, `${file.name}: ${file.crs_read}`, file.notes.map((note) => el("p", { class: "hint" }, say(note))))))) : null;
}

function drawFaces({ check_id: id }) {
  return el("nav", { class: "faces", "aria-label": say("faces") },
    el("h2", {}, say("faces")),
    FACES.map(([name, ending]) => el("a", { href: `/api/checks/${id}${ending}`, target: "_blank", rel: "noopener" }, say(`face_${name}`))),
    el("a", { href: `/checks/${id}?lang=${language()}`, class: "permanent" }, say("face_link")));
}

function drawBasis(result) {
  return el("p", { class: "hint basis" }, say("basis", { on: result.on, rules: result.rules.count, version: result.program.version, id: result.check_id.slice(0, 12) }));
}
