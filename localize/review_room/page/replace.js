/** Find and replace over all lines, and a term over all lines: every change is seen before it is made. */

import { by, make } from "./parts.js";
import { say } from "./words.js";

const WAIT_MS = 200;

export class Replace {
  /**
   * `lines()` are those of the page, `decide(events)` appends decisions, all or none, and resolves to whether it did;
   * `check(term, text)` asks the server which lines say a term; `choose(id)` selects a line.
   */
  constructor({ lines, language, decide, check, choose, failed }) {
    Object.assign(this, { lines, language, decide, check, choose, failed });
    this.changes = [];
    for (const id of ["findText", "replaceText", "findIn", "matchCase", "wholeWord"]) by(id).addEventListener("input", () => this.preview());
    for (const id of ["term", "termTarget"]) by(id).addEventListener("input", () => this.#later());
    by("replaceForm").onsubmit = (event) => this.#apply(event);
    by("termForm").onsubmit = (event) => this.#add(event);
  }

  open() {
    this.preview();
    this.#checkTerm();
    by("replaceDialog").showModal();
    by("findText").select();
  }

  /** Show each change that would be made, with the words before and after. */
  preview() {
    const [pattern, inSource] = [this.#pattern(), by("findIn").value === "source"];
    const name = inSource ? "source" : "text";
    this.changes = pattern ? this.lines().filter((line) => line[name] && !(line.stale && !inSource)).map((line) => changeOf(line, name, pattern, by("replaceText").value)).filter(Boolean) : [];
    const empty = this.changes.filter((change) => !change.after.trim());
    by("replaceList").replaceChildren(...this.changes.map((change, at) => row(change, at, inSource ? change.line.sourceLanguage : change.line.language)));
    by("replaceCount").textContent = pattern ? say("replaceCount", { n: this.changes.length - empty.length }) + (empty.length ? ` ${say("replaceEmpty", { n: empty.length })}` : "") : "";
    by("replaceApply").disabled = this.changes.length === empty.length;
  }

  #pattern() {
    const text = by("findText").value;
    if (!text.trim()) return null;
    const bare = text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&").replace(/ /g, "\\s+");
    const bound = by("wholeWord").checked ? [`(?<![\\p{L}\\p{N}_])`, `(?![\\p{L}\\p{N}_])`] : ["", ""];
    return new RegExp(bound[0] + bare + bound[1], by("matchCase").checked ? "gu" : "giu");
  }

  async #apply(event) {
    event.preventDefault();
    const inSource = by("findIn").value === "source";
    const wanted = this.changes.filter((change, at) => change.after.trim() && by(`change${at}`)?.checked);
    if (!wanted.length) return;
    const events = wanted.map(({ line, after }) => (inSource ? { kind: "edit_source", line: line.id, text: after } : { kind: "edit_translation", line: line.id, language: this.language(), text: after }));
    by("replaceApply").disabled = true;
    if (await this.decide(events)) by("replaceDialog").close();
    else this.preview();
  }

  #later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#checkTerm(), WAIT_MS);
  }

  /** Show which lines say the term, and which do not follow it. */
  async #checkTerm() {
    const [term, text] = [by("term").value.trim(), by("termTarget").value.trim()];
    by("termAdd").disabled = !term || !text;
    if (!term || !text) {
      by("termList").replaceChildren();
      by("termCount").textContent = "";
      return;
    }
    const asked = (this.asked = {});
    try {
      const found = (await this.check(term, text)).lines;
      if (asked !== this.asked) return;
      const texts = new Map(this.lines().map((line) => [line.id, line]));
      const wrong = found.filter((use) => ["missing", "forbidden"].includes(use.status));
      by("termCount").textContent = say("termCount", { n: found.length, wrong: wrong.length });
      by("termList").replaceChildren(...[...wrong, ...found.filter((use) => !wrong.includes(use))].map((use) => this.#use(use, texts.get(use.line))));
    } catch (error) {
      this.failed(error);
    }
  }

  #use(use, line) {
    const go = () => {
      by("replaceDialog").close();
      this.choose(use.line);
    };
    return make(
      "li",
      { "data-term-line": use.line },
      make("button", { type: "button", class: "plain", onclick: go }, use.line),
      make("span", { class: `chip ${["missing", "forbidden"].includes(use.status) ? "overflow" : "approved"}` }, say(`term.${use.status}`)),
      make("span", { lang: line?.sourceLanguage, dir: "auto" }, line?.source ?? ""),
      make("span", { lang: line?.language, dir: "auto" }, line?.text ?? ""),
    );
  }

  async #add(event) {
    event.preventDefault();
    const [term, text] = [by("term").value.trim(), by("termTarget").value.trim()];
    if (term && text && (await this.decide([{ kind: "add_term", language: this.language(), term, text }]))) by("replaceDialog").close();
  }
}

/** What a line would say; null where nothing changes. */
function changeOf(line, name, pattern, replacement) {
  const before = line[name];
  const after = before.replace(pattern, () => replacement);
  if (after === before) return null;
  const parts = [];
  let at = 0;
  for (const found of before.matchAll(pattern)) {
    parts.push(before.slice(at, found.index), make("del", {}, found[0]), replacement ? make("ins", {}, replacement) : "");
    at = found.index + found[0].length;
  }
  return { line, after, parts: [...parts, before.slice(at)] };
}

function row({ line, after, parts }, at, language) {
  const empty = !after.trim();
  return make(
    "li",
    {},
    make("label", { class: "check" }, make("input", { type: "checkbox", id: `change${at}`, checked: !empty, disabled: empty }), make("b", {}, line.id), make("span", { lang: language, dir: "auto" }, ...parts)),
  );
}
