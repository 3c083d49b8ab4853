// The two languages: what a wording is now, and what changes when the language does.

const state = { language: "zh", words: {} };
const listeners = [];

export function setWords(words, language) {
  state.words = words;
  state.language = language;
}

export const language = () => state.language;

/** Return a wording by its key, or a {zh, en} text, with {names} filled in. */
export function say(key, values = {}) {
  const text = typeof key === "string" ? state.words[key] : key;
  if (!text) return typeof key === "string" ? key : "";
  const chosen = text[state.language] || text.zh || text.en || "";
  return chosen.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Return whether there is a wording of that key. */
export const knows = (key) => key in state.words;

/** Return a feature's name in the language of the page. */
export function nameOf(properties) {
  const { name_zh: zh, name_en: en, id } = properties;
  return (state.language === "en" ? en || zh : zh || en) || id || "";
}

/** Return a feature's name in the other language, if it differs. */
export function otherName(properties) {
  const { name_zh: zh, name_en: en } = properties;
  const other = state.language === "en" ? zh : en;
  return other && other !== nameOf(properties) ? other : "";
}

/** Return the part of a text in the language of the page, where it is written "中文 / English" (parts apart by ；). */
export function pickLanguage(text) {
  const chinese = (part) => /[\u4e00-\u9fff]/.test(part);
  return String(text ?? "").split("；").map((item) => {
    const parts = item.split(" / ");
    const paired = parts.length === 2 && chinese(parts[0]) && !chinese(parts[1]);
    return paired ? parts[state.language === "en" ? 1 : 0] : item;
  }).join(state.language === "en" ? "; " : "；");
}

export const onLanguage = (work) => listeners.push(work);

/** Write every marked element of the page in the language chosen, then tell the others. */
export function setLanguage(chosen) {
  state.language = chosen;
  document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-word-label]")) {
    node.setAttribute("aria-label", say(node.dataset.wordLabel));
  }
  for (const node of document.querySelectorAll("[data-word-placeholder]")) {
    node.placeholder = say(node.dataset.wordPlaceholder);
  }
  for (const node of document.querySelectorAll("[data-zh]")) {
    node.textContent = chosen === "en" ? node.dataset.en : node.dataset.zh;
  }
  for (const work of listeners) work(chosen);
}

/** Return a length for reading: metres to 10 km, then kilometres. */
export function formatLength(metres) {
  if (metres < 10) return `${metres.toFixed(1)} m`;
  if (metres < 10000) return `${Math.round(metres).toLocaleString("en-US")} m`;
  return `${(metres / 1000).toLocaleString("en-US", { maximumFractionDigits: 1 })} km`;
}

/** Return an accuracy for reading: metres below 1 km, kilometres from there. */
export function formatAccuracy(metres) {
  if (metres < 1000) return `± ${Number(metres.toPrecision(3))} m`;
  return `± ${Number((metres / 1000).toPrecision(3))} km`;
}

/** Return an area for reading, with mu beside hectares in Chinese. */
export function formatArea(squareMetres) {
  const ha = squareMetres / 10000;
  if (squareMetres === 0) return "0";
  if (ha < 0.01) return `${squareMetres.toFixed(1)} m²`;
  const digits = { maximumFractionDigits: ha < 10 ? 3 : ha < 1000 ? 1 : 0 };
  const text = ha >= 10000
    ? `${(ha / 100).toLocaleString("en-US", { maximumFractionDigits: 1 })} km²`
    : `${ha.toLocaleString("en-US", digits)} ha`;
  if (state.language === "en" || ha >= 10000) return text;
  return `${text}（${(ha * 15).toLocaleString("en-US", digits)} 亩）`;
}
