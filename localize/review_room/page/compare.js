/** Two variants of the dub, line by line: hear A and B, choose the better; blind if wished. */

import { address, read, send } from "./api.js";
import { kept, make } from "./parts.js";
import { toast } from "./toasts.js";
import { clock, number, say } from "./words.js";

const KEYS = { 1: ["hear", "A"], 2: ["hear", "B"], a: ["choose", "A"], b: ["choose", "B"], e: ["choose", "equal"], j: ["step", 1], k: ["step", -1], n: ["next"] };

export class Comparison {
  /** `page` tells what is shown: `language()`, `who()` with "" for nobody yet, `keysOn()`; `decided` hears of every choice. */
  constructor(page) {
    this.page = page;
    this.sound = new Audio();
    this.at = 0;
    this.found = null;
    this.body = make("div", { class: "pair" });
    this.first = make("select", { id: "compareFirst", onchange: () => this.load() });
    this.second = make("select", { id: "compareSecond", onchange: () => this.load() });
    this.blind = make("input", { id: "compareBlind", type: "checkbox", checked: kept.get("blind", "on") === "on", onchange: () => this.load() });
    this.dialog = make("dialog", { id: "compareDialog", class: "compare", onclose: () => this.sound.pause(), onkeydown: (event) => this.#pressed(event) });
    document.body.append(this.dialog);
  }

  /** Show the button where there is something to compare. */
  async offer(button) {
    const { variants } = await read("/api/variants");
    this.variants = variants;
    button.hidden = variants.length < 2;
    button.onclick = () => this.open();
  }

  async open() {
    if (!this.page.who()) return this.page.askWho();
    const names = (chosen) => this.variants.map((name) => make("option", { value: name, selected: name === chosen }, name === "main" ? say("compareMain") : name));
    const [first, second] = [this.first.value || this.variants[0], this.second.value || this.variants[1]];
    this.first.replaceChildren(...names(first));
    this.second.replaceChildren(...names(second));
    const field = (word, part) => make("label", { class: "field" }, make("span", {}, say(word)), part);
    this.dialog.replaceChildren(
      make("h2", { id: "compareTitle" }, say("compare")),
      make("div", { class: "row" }, field("compareOne", this.first), field("compareOther", this.second), make("label", { class: "check" }, this.blind, make("span", {}, say("compareBlind")))),
      this.body,
      make("form", { method: "dialog" }, make("button", {}, say("close"))),
    );
    this.dialog.setAttribute("aria-labelledby", "compareTitle");
    if (!this.dialog.open) this.dialog.showModal();
    await this.load();
  }

  #asked(more = {}) {
    return { language: this.page.language(), first: this.first.value, second: this.second.value, blind: this.blind.checked ? "yes" : "no", who: this.page.who(), ...more };
  }

  async load() {
    kept.set("blind", this.blind.checked ? "on" : "off");
    this.sound.pause();
    this.at = 0;
    try {
      this.#take(await read("/api/compare", this.#asked()));
      this.#next();
    } catch (error) {
      this.found = null;
      this.body.replaceChildren(make("p", { class: "fits bad", role: "alert" }, error.message));
    }
  }

  #take(found) {
    this.found = found;
    this.show();
  }

  get line() {
    return this.found?.lines[this.at];
  }

  show() {
    const { found, line } = this;
    const { step } = document.activeElement?.dataset ?? {};
    const focused = this.body.contains(document.activeElement);
    const told = [say("compareLeft", { lines: found.lines.length, alike: found.alike, apart: found.apart })];
    this.body.replaceChildren(make("p", { class: "facts" }, ...told), ...(line ? this.#line(line) : [make("p", {}, say("compareNothing"))]), this.#figures());
    // What had the focus is gone with the line before: keys go on where they were, or with the sound of the new line.
    if (focused) (this.body.querySelector(`[data-step="${step}"]:enabled`) ?? this.body.querySelector("[data-hear]"))?.focus();
  }

  #line(line) {
    const done = this.found.lines.filter((other) => other.chosen).length;
    const button = (text, act, values = {}) => make("button", { type: "button", onclick: act, ...values }, text);
    const side = (name, at) => {
      const { text, variant, voice, rate } = line.sides[at];
      const chosen = line.chosen?.side === name;
      return make(
        "section",
        { class: chosen ? "side chosen" : "side", "aria-label": name },
        make("h3", {}, variant ? `${name}: ${variant === "main" ? say("compareMain") : variant}` : name),
        make("p", { class: "words", lang: this.page.language() }, text),
        variant ? make("p", { class: "facts" }, say("compareFacts", { voice, rate: number(rate) })) : null,
        make(
          "div",
          { class: "row" },
          button(say("compareHear", { side: name }), () => this.hear(name), { "data-hear": name }),
          button(say("compareBetter", { side: name }), () => this.choose(name), { "data-side": name, "aria-pressed": String(chosen) }),
        ),
      );
    };
    return [
      make("p", { class: "facts", role: "status" }, say("compareAt", { at: this.at + 1, all: this.found.lines.length, done }), ` ${line.id} ${line.speaker} ${clock(line.start_ms)}`),
      make("blockquote", {}, line.source),
      make("div", { class: "sides" }, side("A", 0), side("B", 1)),
      line.chosen?.old ? make("p", { class: "fits bad" }, say("compareOld")) : null,
      make(
        "div",
        { class: "row" },
        button(say("compareBack"), () => this.step(-1), { disabled: this.at === 0, "data-step": "-1" }),
        button(say("compareEqual"), () => this.choose("equal"), { "data-side": "equal", "aria-pressed": String(line.chosen?.side === "equal") }),
        button(say("compareOn"), () => this.step(1), { disabled: this.at === this.found.lines.length - 1, "data-step": "1" }),
      ),
      make("p", { class: "facts" }, say("compareKeys")),
    ].filter(Boolean);
  }

  /** Who won so far. Where names are hidden, only after the last line: earlier they would tell which is which. */
  #figures() {
    const { lines, figures } = this.found;
    if (this.blind.checked && lines.some((line) => !line.chosen)) return make("p", { class: "facts" }, say("compareLater"));
    const rows = figures.filter((one) => one.language === this.page.language()).flatMap((one) => [["", one.wins], ...Object.entries(one.speakers)]);
    const named = (name) => (name === "main" ? say("compareMain") : name === "equal" ? say("compareEqual") : name);
    return make("dl", { id: "compareWins" }, ...rows.flatMap(([speaker, wins]) => [make("dt", {}, speaker || say("compareAll")), make("dd", {}, Object.entries(wins).map(([name, count]) => `${named(name)} ${count}`).join(", "))]));
  }

  hear(side) {
    if (!this.line) return;
    this.sound.src = address("/media/compare.wav", this.#asked({ line: this.line.id, side }));
    this.sound.play().catch(() => toast(say("compareUnheard"), { error: true }));
  }

  async choose(side) {
    const { line } = this;
    if (!line) return;
    try {
      const query = this.#asked();
      this.#take(await send("/api/compare", query, { version: this.found.version, line: line.id, side }));
      this.#next();
    } catch (error) {
      if (error.status === 409) this.#take(await read("/api/compare", this.#asked()));
      toast(error.status ? error.message : say("gone"), { error: true });
    }
  }

  step(by) {
    this.at = Math.max(0, Math.min(this.found.lines.length - 1, this.at + by));
    this.sound.pause();
    this.show();
  }

  /** Go to the next line without a choice; stay where there is none. */
  #next() {
    const { lines } = this.found;
    const open = (line) => !line.chosen;
    const next = lines.findIndex((line, at) => at >= this.at && open(line));
    const found = next < 0 ? lines.findIndex(open) : next;
    if (found >= 0 && found !== this.at) this.step(found - this.at);
  }

  #pressed(event) {
    const found = KEYS[event.key];
    if (!found || event.ctrlKey || event.metaKey || event.altKey || !this.page.keysOn() || event.target.closest("select, input")) return;
    event.preventDefault();
    const [act, value] = found;
    if (act === "next") this.#next();
    else this[act](value);
  }
}
