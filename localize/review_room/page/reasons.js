/**
 * What the pipeline says of a line or a cue, in the language of the page. The reports are English and made of a few
 * forms; what has none of them is shown as it is.
 */

import { known, number, say } from "./words.js";

const FORMS = [
  ["rate", /^rate ([\d.]+)$/, ["rate"]],
  ["fastest", /^fastest phrase ([\d.]+)$/, ["rate"]],
  ["candidate", /^candidate (\d+) for its length \((.*)\)$/, ["n", "rule"]],
  ["phrases", /^(\d+) source phrases spoken as (\d+)$/, ["of", "n"]],
  ["tooLong", /^(-?\d+) ms too long at ([\d.]+) x: shorten the text by about (\d+) %$/, ["ms", "rate", "percent"]],
  ["runsOn", /^(-?\d+) ms too long, only because (\S+) before it runs on: shorten \S+$/, ["ms", "line"]],
  ["short", /^a short line, which shows little of what is meant$/, []],
  ["longer", /^longer than its source says$/, []],
  ["shorter", /^shorter than its source says$/, []],
  ["noPlace", /^does not fit its place$/, []],
  ["spokenFast", /^spoken ([\d.]+) times as fast$/, ["rate"]],
  ["unsure", /^the recogniser was unsure of: (.*)$/, ["words"]],
  ["heardOtherwise", /^([\d.]+%) of its words are heard otherwise$/, ["percent"]],
  ["cps", /^([\d.]+) characters a second, at most ([\d.]+)$/, ["n", "limit"]],
  ["wpm", /^([\d.]+) words a minute, at most ([\d.]+)$/, ["n", "limit"]],
  ["cpl", /^a line of ([\d.]+) characters, at most (\d+)$/, ["n", "limit"]],
  ["lines", /^(\d+) lines, at most (\d+)$/, ["n", "limit"]],
  ["tooShort", /^shown for (\d+) ms, at least (\d+)$/, ["n", "limit"]],
  ["tooLongShown", /^shown for (\d+) ms, at most (\d+)$/, ["n", "limit"]],
  ["afterCut", /^(starts|ends) (\d+) frames after a cut$/, ["edge", "n"]],
  ["beforeCut", /^(starts|ends) (\d+) frames before a cut$/, ["edge", "n"]],
  ["gap", /^(.*) (\d+) frames; allowed are (\d+), and (\d+) or more$/, ["what", "n", "gap", "apart"]],
  ["parts", /^parts (.*) from (.*)$/, ["left", "right"]],
];
const FIGURES = new Set(["rate", "n", "limit"]);

/** One reason of a report, in the words of the page. */
export function reason(text) {
  for (const [name, form, names] of FORMS) {
    const found = form.exec(text);
    if (found) return say(`reason.${name}`, Object.fromEntries(names.map((key, at) => [key, value(key, found[at + 1])])));
  }
  return text;
}

/** Several reasons that stand in one text; a comma inside parentheses parts none. */
export const reasons = (text) =>
  reason(text) !== text ? reason(text) : text.split(/, (?![^(]*\))/).map(reason).join(", ");

const value = (key, text) => {
  if (FIGURES.has(key) && !Number.isNaN(Number(text))) return number(Number(text));
  if (key === "rule" || key === "edge" || key === "what") return known(`reason.${text}`) ? say(`reason.${text}`) : text;
  return text;
};
