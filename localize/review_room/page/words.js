/** The words of the page, of one file for each language, and times as they are written in it. */

export const root = document.documentElement.dataset.root;
export const languages = ["en", "es"];
let words = {};
let formats = {};

/** Load the words of a language and put them into the page. */
export async function speak(language) {
  const answer = await fetch(`${root}/page/words.${languages.includes(language) ? language : "en"}.json`);
  words = await answer.json();
  document.documentElement.lang = words.lang;
  formats = { number: new Intl.NumberFormat(words.lang, { maximumFractionDigits: 2 }) };
  for (const part of document.querySelectorAll("[data-word]")) part.textContent = say(part.dataset.word);
  for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", say(part.dataset.label));
  for (const part of document.querySelectorAll("[data-hint]")) part.placeholder = say(part.dataset.hint);
}

/** A text of the page; `{name}` in it is replaced by a value. */
export function say(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const known = (key) => key in words;
export const number = (value) => formats.number.format(value);
export const seconds = (ms) => say("seconds", { n: formats.number.format(Math.round(ms / 10) / 100) });

/** A time of the film: 1:02.3, or 1:00:02.3. */
export function clock(ms) {
  const tenths = Math.max(0, Math.round(ms / 100));
  const [s, m, h] = [tenths % 600, Math.floor(tenths / 600) % 60, Math.floor(tenths / 36000)];
  const rest = (s / 10).toFixed(1).padStart(4, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${rest}` : `${m}:${rest}`;
}
