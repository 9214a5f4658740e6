/** The subtitles: cues of one profile, the chosen one to be changed under its rules, over the picture and side by side. */

import { by, make } from "./parts.js";
import { reason } from "./reasons.js";
import { Script } from "./script.js";
import { toast } from "./toasts.js";
import { clock, number, say } from "./words.js";

const WAIT_MS = 150;
const SHORTEST_MS = 100;
const FILM_GAP_MS = 84;

export class Cues {
  /**
   * `read(tongue, profile)` gives the cues of a profile, `check(tongue, profile, cues)` holds some against it;
   * `decide(event, seen)` appends a decision and resolves to whether it did, `undo(number)` takes one back; `seek(ms)`
   * and `play(from, until)` move the film; `at()` is its time; `version()` that of the review; `typing()` is
   * called when what is shown over the picture changes, `shown()` when other cues are, or another one is chosen.
   */
  constructor(panel, { read, check, decide, undo, seek, play, at, version, typing, shown, failed }) {
    Object.assign(this, { panel, read, check, decide, undo, seek, play, at, version, typing, shown, failed });
    this.drafts = new Map();
    this.cues = [];
    this.chosen = 0;
    this.list = new Script(by("cues"), (id) => this.choose(Number(id.slice(1))), cueRow);
    by("profile").onchange = () => this.load().catch(failed);
    by("tongue").onchange = () => this.load().catch(failed);
  }

  /** Offer these profiles and languages. */
  offer({ profiles, language, source_language }, languageName) {
    const [profile, tongue] = [by("profile").value, by("tongue").value];
    by("profile").replaceChildren(...profiles.map((entry) => make("option", { value: entry.name, selected: entry.name === profile }, `${entry.label}${entry.delivered ? ` · ${say("delivered")}` : ""}`)));
    by("tongue").replaceChildren(...[...new Set([language, source_language])].map((tag) => make("option", { value: tag, selected: tag === tongue }, languageName(tag))));
  }

  get tongue() {
    return by("tongue").value;
  }

  /** Read the cues anew; the chosen one stays chosen. */
  async load() {
    const found = await this.read(this.tongue, by("profile").value);
    if (found.language !== this.tongue || found.profile.name !== by("profile").value) return;
    Object.assign(this, { cues: found.cues, limits: found.profile, editable: found.editable, lost: found.lost });
    this.seen = this.version();
    this.#carryOver();
    if (this.chosen >= this.cues.length) this.chosen = Math.max(0, this.cues.length - 1);
    this.show();
  }

  /** What was typed about a cue that somebody changed meanwhile stays, with the cue that is there now; it is told. */
  #carryOver() {
    const own = new Set(this.cues.map((cue) => keyOf(this, cue)));
    for (const [key, draft] of [...this.drafts]) {
      if (own.has(key) || !key.startsWith(`${this.tongue} ${this.limits.label} `)) continue;
      this.drafts.delete(key);
      const now = this.cues.find((cue) => cue.start_ms < draft.end_ms && draft.start_ms < cue.end_ms);
      if (now) this.drafts.set(keyOf(this, now), { ...draft, seen: this.seen });
      toast(say(now ? "cueChanged" : "cueGone", { text: draft.text.replaceAll("\n", " / ") }), { error: true });
    }
  }

  show() {
    if (!this.limits) return;
    this.list.show(this.cues.map((cue, at) => ({ ...cue, id: `c${at}`, at, limits: this.limits, language: this.tongue, typed: this.drafts.has(keyOf(this, cue)) })), `c${this.chosen}`);
    const wrong = this.cues.filter((cue) => cue.broken.length).length;
    by("cueCount").textContent = say("cueCount", { n: this.cues.length, wrong });
    this.showPanel();
  }

  choose(at, { seek = true } = {}) {
    if (at < 0 || at >= this.cues.length) return;
    this.chosen = at;
    this.list.select(`c${at}`);
    this.showPanel();
    if (seek) this.seek(this.cues[at].start_ms);
  }

  step(turn, wanted = () => true) {
    for (let at = this.chosen + turn; at >= 0 && at < this.cues.length; at += turn) if (wanted(this.cues[at])) return this.choose(at);
  }

  nextBroken() {
    this.step(1, (cue) => cue.broken.length);
  }

  playChosen() {
    const cue = this.cues[this.chosen];
    if (cue) this.play(Math.max(0, cue.start_ms - 300), cue.end_ms + 300);
  }

  edit() {
    by("cueText")?.focus();
  }

  /** The lines that are shown at a time, as somebody is writing them. */
  linesAt(ms) {
    const draft = this.#draft();
    if (draft && draft.start_ms <= ms && ms < draft.end_ms) return draft.text.split("\n");
    const at = this.cues.findIndex((cue) => cue.start_ms <= ms && ms < cue.end_ms);
    return at < 0 || (draft && at === this.chosen) ? [] : this.cues[at].lines;
  }

  // -- the chosen cue

  #draft() {
    return this.cues[this.chosen] && this.drafts.get(keyOf(this, this.cues[this.chosen]));
  }

  showPanel() {
    this.shown();
    const cue = this.cues[this.chosen];
    const inside = this.panel.contains(document.activeElement) ? document.activeElement.id : "";
    if (!cue) return this.panel.replaceChildren(make("p", { class: "empty" }, say("noCue")));
    const draft = this.#draft() ?? { text: cue.lines.join("\n"), start_ms: cue.start_ms, end_ms: cue.end_ms };
    const area = make("textarea", { id: "cueText", rows: "3", lang: this.tongue, dir: "auto", maxlength: "800", spellcheck: "true", "aria-describedby": "cueRules", readOnly: !this.editable }, draft.text);
    area.value = draft.text;
    const old = by("cueText"); // drawn anew while somebody has put the caret where to split: it stays there
    const caret = old?.value === draft.text ? [old.selectionStart, old.selectionEnd] : null;
    const time = (id, ms) => make("input", { id, type: "number", step: "any", min: "0", inputmode: "decimal", value: `${ms / 1000}`, disabled: !this.editable });
    const button = (id, act, values = {}) => make("button", { type: "button", id, onclick: act, disabled: !this.editable, ...values }, say(id));
    const times = make("div", { class: "row" }, make("label", { class: "field" }, make("span", {}, say("begins")), time("cueBegins", draft.start_ms)), make("label", { class: "field" }, make("span", {}, say("ends")), time("cueEnds", draft.end_ms)));
    const next = this.cues[this.chosen + 1];
    this.panel.replaceChildren(
      make("header", {}, make("h2", {}, say("cueTitle", { n: this.chosen + 1, profile: this.limits.label })), make("p", { class: "facts" }, `${clock(cue.start_ms)}–${clock(cue.end_ms)}${cue.sources.length ? ` · ${cue.sources.join(", ")}` : ""}`), cue.edited ? make("span", { class: "chip approved" }, say("cueEdited")) : ""),
      this.editable ? "" : make("p", { class: "why" }, say("cueGiven")),
      make("div", { class: "cue-edit" }, make("div", { class: "words" }, make("label", { for: "cueText" }, make("h3", {}, say("cueWords"))), area, times), make("div", { id: "cueRules", class: "rules" })),
      make("div", { class: "row" }, button("cueSave", () => this.save(), { class: "main", "aria-keyshortcuts": "Control+Enter", disabled: !this.editable || !this.#draft() }), button("cueSplit", () => this.split()), next && button("cueMerge", () => this.merge()), button("cueSnap", () => this.snap()), make("button", { type: "button", id: "cueUndo", "aria-keyshortcuts": "u", onclick: () => this.undo(cue.edited) }, say("undo"))),
      this.#lostList(),
    );
    for (const field of ["cueText", "cueBegins", "cueEnds"]) by(field).addEventListener("input", () => this.#typed());
    if (inside) by(inside)?.focus();
    if (caret) area.setSelectionRange(...caret);
    this.#rules(cue, []);
    if (this.#draft()) this.#check();
  }

  #lostList() {
    if (!this.lost?.length) return "";
    return make(
      "div",
      { class: "lost", role: "note" },
      make("h3", {}, say("cuesLost", { n: this.lost.length })),
      make("ul", { class: "history" }, ...this.lost.map((edit) => make("li", {}, `${clock(edit.start_ms)} `, make("b", {}, edit.who), ` “${edit.lines.join(" / ")}” `, make("button", { type: "button", class: "plain", onclick: () => this.undo(edit.number) }, say("undo"))))),
    );
  }

  #values() {
    const [start_ms, end_ms] = ["cueBegins", "cueEnds"].map((id) => Math.round(Number(by(id).value) * 1000));
    return { text: by("cueText").value, start_ms, end_ms };
  }

  #typed() {
    const cue = this.cues[this.chosen];
    const [key, values] = [keyOf(this, cue), this.#values()];
    const same = values.text === cue.lines.join("\n") && values.start_ms === cue.start_ms && values.end_ms === cue.end_ms;
    if (same) this.drafts.delete(key);
    else this.drafts.set(key, { seen: this.seen, ...this.drafts.get(key), ...values });
    by("cueSave").disabled = same;
    this.typing();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#check(), WAIT_MS);
  }

  /** Hold what is typed against the rules, with the cues before and after it. */
  async #check() {
    const [cue, asked] = [this.cues[this.chosen], (this.asked = {})];
    const draft = { ...this.#values() };
    const mine = { start_ms: draft.start_ms, end_ms: draft.end_ms, lines: linesOf(draft.text) };
    if (!(mine.start_ms < mine.end_ms) || !mine.lines.length) return this.#rules({ ...cue, lines: mine.lines, broken: [{ rule: "time", detail: say(mine.lines.length ? "badTimes" : "noWords") }] }, []);
    try {
      const around = [this.cues[this.chosen - 1], mine, this.cues[this.chosen + 1]].filter(Boolean).map(({ start_ms, end_ms, lines }) => ({ start_ms, end_ms, lines }));
      const found = (await this.check(this.tongue, this.limits.name, around)).cues;
      if (asked !== this.asked) return;
      const at = this.chosen ? 1 : 0;
      this.#rules(found[at], found[at + 1]?.broken.filter((entry) => entry.rule === "gap") ?? []);
    } catch (error) {
      if (asked === this.asked) this.failed(error);
    }
  }

  #rules(cue, after) {
    const { limits } = this;
    const bar = (label, value, limit) =>
      make("p", { class: value > limit ? "bar-of bad" : "bar-of" }, make("span", {}, label), make("meter", { min: 0, max: limit * 1.5, high: limit, value, "aria-label": label }), make("span", {}, `${number(value)} / ${number(limit)}`));
    by("cueRules").replaceChildren(
      bar(say(`speed.${limits.counts}`), cue.speed ?? 0, limits.speed),
      ...cue.lines.map((line, at) => bar(say("lineLength", { n: at + 1 }), cue.lengths?.[at] ?? line.length, limits.chars)),
      make("div", { role: "status" }, cue.broken.length + after.length ? make("ul", { class: "broken" }, ...[...cue.broken, ...after].map((entry) => make("li", {}, reason(entry.detail)))) : ""),
    );
    by("cueRules").classList.toggle("good", !cue.broken.length);
  }

  async save() {
    const [cue, draft] = [this.cues[this.chosen], this.#draft()];
    if (!draft) return;
    const lines = linesOf(draft.text);
    if (lines.length && draft.start_ms < draft.end_ms) await this.#change([cue], [{ start_ms: draft.start_ms, end_ms: draft.end_ms, lines }], draft.seen);
  }

  /** Two cues: what stands before and behind the caret, parted where so much of the text is read. */
  async split() {
    const cue = this.cues[this.chosen];
    const { text, start_ms, end_ms } = this.#values();
    const caret = by("cueText").selectionStart;
    const parts = [text.slice(0, caret), text.slice(caret)].map(linesOf);
    if (parts.some((lines) => !lines.length)) return this.failed(new Error(say("splitWhere")));
    const middle = Math.round(start_ms + ((end_ms - start_ms) * caret) / text.length);
    if (middle - start_ms < SHORTEST_MS + FILM_GAP_MS || end_ms - middle < SHORTEST_MS) return this.failed(new Error(say("badTimes")));
    await this.#change([cue], [{ start_ms, end_ms: middle - FILM_GAP_MS, lines: parts[0] }, { start_ms: middle, end_ms, lines: parts[1] }], this.seen);
  }

  async merge() {
    const [cue, next] = [this.cues[this.chosen], this.cues[this.chosen + 1]];
    const lines = [...linesOf(this.#values().text), ...next.lines];
    const made = lines.length <= this.limits.lines ? lines : inTwo(lines.join(" "));
    await this.#change([cue, next], [{ start_ms: cue.start_ms, end_ms: next.end_ms, lines: made }], this.seen);
  }

  /** Put the times to the nearest cuts, as near as the profile cares. */
  async snap() {
    const { text, start_ms, end_ms } = this.#values();
    try {
      const [found] = (await this.check(this.tongue, this.limits.name, [{ start_ms, end_ms, lines: linesOf(text) }])).cues;
      [by("cueBegins").value, by("cueEnds").value] = found.snapped.map((ms) => `${ms / 1000}`);
      this.#typed();
    } catch (error) {
      this.failed(error);
    }
  }

  async #change(before, after, seen) {
    try {
      const framed = (await this.check(this.tongue, this.limits.name, after)).cues;
      const bare = ({ start_ms, end_ms, lines }) => ({ start_ms, end_ms, lines });
      const event = { kind: "edit_cue", language: this.tongue, profile: this.limits.label, before: before.map(bare), after: framed.map(bare) };
      if (await this.decide(event, seen)) for (const cue of before) this.drafts.delete(keyOf(this, cue));
      await this.load();
    } catch (error) {
      this.failed(error);
    }
  }
}

const keyOf = (cues, cue) => `${cues.tongue} ${cues.limits.label} ${cue.start_ms} ${cue.lines.join("\n")}`;
const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** A text in two lines, parted at the space nearest its middle. */
function inTwo(text) {
  const spaces = [...text.matchAll(/\s+/g)].map((found) => found.index);
  if (!spaces.length) return [text];
  const at = spaces.reduce((best, place) => (Math.abs(place - text.length / 2) < Math.abs(best - text.length / 2) ? place : best));
  return [text.slice(0, at).trim(), text.slice(at).trim()];
}

function cueRow(cue, at, all) {
  const chips = [cue.typed && "typed", cue.edited && "edited", ...new Set(cue.broken.map((entry) => entry.rule))].filter(Boolean);
  return make(
    "div",
    { class: "row-line cue", role: "option", id: `row-${cue.id}`, "data-line": cue.id, "aria-setsize": `${all}`, "aria-posinset": `${at + 1}` },
    make("div", { class: "meta" }, make("b", {}, `${at + 1}`), make("span", {}, clock(cue.start_ms)), make("span", {}, `${number(cue.speed)} / ${number(cue.limits.speed)}`)),
    make("div", { class: "dubbed shown", lang: cue.language, dir: "auto" }, ...cue.lines.map((line) => make("div", {}, line))),
    make("div", { class: "chips" }, ...chips.map((chip) => make("span", { class: `chip ${chip === "edited" ? "approved" : chip === "typed" ? "typed" : "fast"}` }, say(`rule.${chip}`)))),
  );
}
