/** The script: one row a line. Only the rows in sight exist, so that a long film scrolls like a short one. */

import { make } from "./parts.js";
import { clock, number, say } from "./words.js";

const MORE = 6;

export class Script {
  /** `choose(id)` is called for the row that somebody picks; `build(line, at, all)` makes a row. */
  constructor(box, choose, build = lineRow) {
    this.box = box;
    this.build = build;
    this.choose = choose;
    this.lines = [];
    this.selected = null;
    this.rows = new Map();
    this.sheet = make("div", { class: "sheet", role: "presentation" });
    box.append(this.sheet);
    box.addEventListener("scroll", () => this.#later(), { passive: true });
    new ResizeObserver(() => {
      this.high = null;
      this.#later();
    }).observe(box);
    box.addEventListener("click", (event) => {
      const row = event.target.closest("[data-line]");
      if (row) this.choose(row.dataset.line);
    });
  }

  /** Show these lines. */
  show(lines, selected) {
    this.lines = lines;
    this.selected = selected;
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.sheet.style.height = `${lines.length * this.#height()}px`;
    this.#draw();
  }

  /** Mark a line and bring it into sight. */
  select(id) {
    this.selected = id;
    const at = this.lines.findIndex((line) => line.id === id);
    if (at >= 0) {
      const [top, high] = [at * this.#height(), this.#height()];
      if (top < this.box.scrollTop) this.box.scrollTop = top;
      if (top + high > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + high - this.box.clientHeight;
    }
    this.#draw();
  }

  #height() {
    this.high ??= parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    return this.high;
  }

  #later() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.#draw();
    });
  }

  #draw() {
    const high = this.#height();
    const whole = `${this.lines.length * high}px`;
    if (this.sheet.style.height !== whole) this.sheet.style.height = whole;
    const first = Math.max(0, Math.floor(this.box.scrollTop / high) - MORE);
    const last = Math.min(this.lines.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / high) + MORE);
    for (const [at, row] of this.rows) {
      if (at >= first && at < last) continue;
      row.remove();
      this.rows.delete(at);
    }
    for (let at = first; at < last; at++) {
      const row = this.rows.get(at) ?? this.#row(at);
      row.setAttribute("aria-selected", this.lines[at].id === this.selected);
      row.style.top = `${at * high}px`;
    }
    const chosen = this.lines.findIndex((line) => line.id === this.selected);
    if (this.rows.has(chosen)) this.box.setAttribute("aria-activedescendant", `row-${this.selected}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  #row(at) {
    const row = this.build(this.lines[at], at, this.lines.length);
    this.rows.set(at, row);
    this.sheet.append(row);
    return row;
  }
}

function lineRow(line, at, all) {
  return make(
    "div",
    { class: "row-line", role: "option", id: `row-${line.id}`, "data-line": line.id, "aria-setsize": `${all}`, "aria-posinset": `${at + 1}` },
    make("div", { class: "meta" }, make("b", {}, line.id), make("span", {}, clock(line.start_ms)), line.rate && !line.pending ? make("span", {}, `${number(line.rate)}×`) : null, make("span", { class: `who speaker${line.colour}` }, line.name)),
    make("p", { class: "said", lang: line.sourceLanguage, dir: "auto" }, line.source),
    make("p", { class: line.pending ? "dubbed pending" : "dubbed", lang: line.language, dir: "auto" }, line.stale ? say("translatedAnew") : line.text || say("kept")),
    make("div", { class: "chips" }, ...line.chips.map((chip) => make("span", { class: `chip ${chip}` }, say(`flag.${chip}`)))),
  );
}
