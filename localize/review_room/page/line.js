/** The chosen line: its words to be corrected, other wordings, figures, remarks, decisions. */

import { by, make } from "./parts.js";
import { reason as inWords, reasons } from "./reasons.js";
import { clock, known, number, say, seconds } from "./words.js";

const SEVERITIES = ["FYI", "issue", "blocker"];
const FIELD_OF = { edit_translation: "translation", choose_candidate: "translation", edit_source: "sourceText", change_voice: "voiceName", comment: "note", qc: "note" };
const CATEGORIES = ["translation", "timing", "sync", "voice", "pronunciation", "performance", "mix", "subtitle", "picture", "other"];

export class LinePanel {
  /**
   * `decide(event)` appends a decision, `undo(number)` takes one back; `next(line)` is what the same speaker says next,
   * `at()` the time of the playhead, `voices()` those that are heard, `typing()` is called when a line gets or loses
   * what is not saved. `own` offers a line in one's own voice, `audition` other voices for its speaker.
   */
  constructor(box, { decide, approve, reject, undo, next, at, voices, typing, own, audition }) {
    Object.assign(this, { box, decide, approve, reject, undo, next, at, voices, typing, own, audition });
    this.typed = new Map();
  }

  /** Show a line; what was typed into its fields and not saved comes back with it. */
  show(line, events, version) {
    const open = new Map([...this.box.querySelectorAll("details")].map((part) => [part.id, part.open]));
    if (!line) {
      this.line = null;
      this.box.replaceChildren(make("p", { class: "empty" }, say("noLine")));
      return;
    }
    const inside = this.box.contains(document.activeElement) ? document.activeElement.id : "";
    Object.assign(this, { line, version });
    this.box.replaceChildren(this.#head(), this.#words(), this.#buttons(), this.#why(), this.#wordings(), this.#heard(), this.#corrections(), this.audition.part(line), this.own.part(line), this.#times(), this.#remarks(), this.#history(events));
    for (const part of this.box.querySelectorAll("details")) part.open = open.get(part.id) ?? part.open;
    this.#measure();
    if (inside) by(inside)?.focus();
  }

  /** Whether something is typed and not saved: into the fields of the line that is shown. */
  get dirty() {
    return this.line != null && this.holds(this.line);
  }

  /** Whether something is typed and not saved for a line. */
  holds(line) {
    return [...this.typed.keys()].some((key) => key.startsWith(keyOf(line, "")));
  }

  /** Forget what was typed where a decision has it, or somebody let it go. */
  forget(event, language) {
    this.typed.delete(keyOf({ id: event.line, language }, FIELD_OF[event.kind]));
  }

  /** A field that keeps what is typed until it is saved, with the version of the review that it was typed on. */
  #keep(field, saved) {
    const key = keyOf(this.line, field.id);
    field.value = this.typed.get(key)?.text ?? saved;
    field.addEventListener("input", () => {
      const before = this.dirty;
      if (field.value === saved) this.typed.delete(key);
      else this.typed.set(key, { version: this.typed.get(key)?.version ?? this.version, text: field.value });
      if (before !== this.dirty) this.typing();
    });
    return field;
  }

  #typed(field) {
    return this.typed.get(keyOf(this.line, field));
  }

  edit() {
    const area = by("translation");
    area?.focus();
    area?.select();
  }

  save() {
    const found = this.line && this.#typed("translation");
    if (found) this.decide({ kind: "edit_translation", line: this.line.id, language: this.line.language, text: found.text }, found.version);
  }

  #head() {
    const line = this.line;
    return make(
      "header",
      {},
      make("h2", {}, `${line.id} · ${line.name}`),
      make("p", { class: "facts" }, [clock(line.start_ms), "–", clock(line.end_ms), line.voice ? ` · ${say("voice")} ${line.voice}` : ""].join("")),
      make("ul", { class: "chips" }, ...line.chips.map((chip) => make("li", { class: `chip ${chip}` }, say(`flag.${chip}`)))),
    );
  }

  #why() {
    const { reason, doubts, terms } = this.line;
    if (!reason && !doubts?.length && !terms.length) return "";
    return make(
      "div",
      {},
      reason ? make("p", { class: "why" }, `${say("why")} ${reasons(reason)}`) : null,
      ...terms.map(([term, target]) => make("p", { class: "why bad" }, say("termBroken", { term, target }))),
      doubts?.length ? make("p", { class: "why" }, `${say("doubts")} ${doubts.map(inWords).join("; ")}`) : null,
    );
  }

  #words() {
    const line = this.line;
    const area = this.#keep(make("textarea", { id: "translation", rows: "2", lang: line.language, dir: "auto", maxlength: "5000", spellcheck: "true", "aria-describedby": "fits" }), line.text);
    area.addEventListener("input", () => this.#measure());
    return make(
      "div",
      { class: "words" },
      make("h3", {}, say("source")),
      make("p", { class: "said", lang: line.sourceLanguage, dir: "auto" }, line.source),
      make("label", { for: "translation" }, make("h3", {}, say("translation"))),
      area,
      make("p", { id: "fits", class: "fits" }),
    );
  }

  /** How long the words in the field would take, by the pace of the take that is there. */
  #measure() {
    const [line, place] = [this.line, by("fits")];
    const typed = this.#typed("translation");
    const text = (typed?.text ?? line.text).trim();
    by("save").disabled = !typed || !text;
    if (!line.natural_ms || !line.spoken) {
      place.textContent = "";
      return;
    }
    const own = text === line.spoken;
    const needs = own ? line.natural_ms : (line.natural_ms * letters(text)) / Math.max(1, letters(line.spoken));
    const there = line.dub.reduce((sum, [start, end]) => sum + end - start, 0);
    place.textContent = say(own ? "fitsNow" : "fitsAbout", { needs: seconds(needs), there: seconds(there), rate: number(needs / Math.max(1, there)) });
    place.classList.toggle("bad", needs / there > 1.25);
  }

  #buttons() {
    const line = this.line;
    return make(
      "div",
      { class: "row" },
      make("button", { id: "save", type: "button", class: "main", "aria-keyshortcuts": "Control+Enter", onclick: () => this.save() }, say("save")),
      make("button", { type: "button", id: "approve", "aria-keyshortcuts": "a", "aria-pressed": line.approved ? "true" : "false", onclick: this.approve }, say("approve")),
      make("button", { type: "button", id: "reject", "aria-keyshortcuts": "r", "aria-pressed": line.rejected ? "true" : "false", onclick: this.reject }, say("reject")),
      make("button", { type: "button", id: "undo", "aria-keyshortcuts": "u", onclick: () => this.undo() }, say("undo")),
      line.text && make("button", { type: "button", onclick: () => this.decide({ kind: "keep_original", line: line.id, language: line.language }) }, say("keepOriginal")),
      line.verdict ? make("p", { class: "verdict" }, line.verdict) : null,
    );
  }

  #wordings() {
    const line = this.line;
    const others = line.wordings.map((wording, at) => [wording, at]).filter(([wording]) => wording.text !== line.text);
    if (!others.length) return "";
    const there = Math.max(1, line.dub.reduce((sum, [start, end]) => sum + end - start, 0));
    return make(
      "details",
      { open: true, id: "wordings" },
      make("summary", {}, say("wordings", { n: others.length })),
      make(
        "ul",
        { class: "wordings" },
        ...others.map(([wording, at]) =>
          make(
            "li",
            {},
            make("button", { type: "button", onclick: () => this.decide({ kind: "choose_candidate", line: line.id, language: line.language, candidate: at, text: wording.text }) }, make("span", { lang: line.language, dir: "auto" }, wording.text)),
            make("small", { class: wording.length_ms / there > 1.25 ? "bad" : "" }, say("wordingFits", { length: seconds(wording.length_ms), rate: number(wording.length_ms / there) })),
          ),
        ),
      ),
    );
  }

  #heard() {
    const found = this.line.heard ?? [];
    if (!found.length) return "";
    return make(
      "div",
      { class: "heard" },
      make("h3", {}, say("heard")),
      make("ul", {}, ...found.map(([written, heard]) => make("li", {}, make("del", {}, written || say("nothing")), " → ", make("ins", {}, heard || say("nothing"))))),
    );
  }

  /** What was recognised wrongly, and who speaks. */
  #corrections() {
    const line = this.line;
    const source = this.#keep(make("textarea", { id: "sourceText", rows: "2", lang: line.sourceLanguage, dir: "auto", maxlength: "5000", required: true }), line.source);
    const voice = this.#keep(make("input", { id: "voiceName", list: "voices", autocomplete: "off", maxlength: "100", required: true, pattern: "[A-Za-z0-9][\\w.\\-]*" }), line.voice ?? "");
    const send = (event, made, field) => {
      event.preventDefault();
      const found = this.#typed(field);
      if (found) this.decide({ line: line.id, ...made(found.text.trim()) }, found.version);
    };
    return make(
      "details",
      { id: "corrections" },
      make("summary", {}, say("corrections")),
      make(
        "form",
        { class: "row", onsubmit: (event) => send(event, (text) => ({ kind: "edit_source", text }), "sourceText") },
        make("label", { class: "field grow" }, make("span", {}, say("source")), source),
        make("button", {}, say("saveSource")),
      ),
      make(
        "form",
        { class: "row", onsubmit: (event) => send(event, (name) => ({ kind: "change_voice", language: line.language, voice: name }), "voiceName") },
        make("label", { class: "field grow" }, make("span", {}, say("voiceName")), voice),
        make("datalist", { id: "voices" }, ...this.voices().map((name) => make("option", { value: name }))),
        make("button", {}, say("changeVoice")),
      ),
    );
  }

  #times() {
    const line = this.line;
    const field = (id, ms) => make("input", { id, type: "number", step: "any", min: "0", required: true, inputmode: "decimal", value: `${ms / 1000}` });
    const form = make(
      "form",
      { class: "row", onsubmit: (event) => this.#retime(event) },
      make("label", { class: "field" }, make("span", {}, say("begins")), field("begins", line.start_ms)),
      make("label", { class: "field" }, make("span", {}, say("ends")), field("ends", line.end_ms)),
      make("button", {}, say("move")),
    );
    const next = this.next(line);
    const parts = make(
      "div",
      { class: "row" },
      make("button", { type: "button", id: "split", onclick: () => this.#split() }, say("split")),
      next && make("button", { type: "button", id: "merge", onclick: () => this.decide({ kind: "merge", line: line.id, other: next.id }) }, say("merge", { other: next.id })),
    );
    return make("details", { id: "times" }, make("summary", {}, say("times", { rate: line.rate ? number(line.rate) : "–", fit: line.fit ? say(`fit.${line.fit}`) : "–" })), form, parts);
  }

  /** Split the line at the playhead: between the words of the source that are heard before and after it. */
  #split() {
    const line = this.line;
    const [at, all] = [Math.round(this.at()), line.source.split(/\s+/).filter(Boolean).length];
    const timed = line.words_ms?.length === all ? line.words_ms.filter((ms) => ms < at).length : Math.round((all * (at - line.start_ms)) / (line.end_ms - line.start_ms));
    const parted = Object.fromEntries(Object.entries(line.written).map(([tag, n]) => [tag, Math.max(1, Math.min(n - 1, Math.round((n * timed) / all)))]));
    this.decide({ kind: "split", line: line.id, at_ms: Math.max(0, at), word: Math.max(0, timed), ...(Object.keys(parted).length ? { parted } : {}) });
  }

  #retime(event) {
    event.preventDefault();
    const [start, end] = [Number(by("begins").value), Number(by("ends").value)].map((s) => Math.round(s * 1000));
    this.decide({ kind: "retime", line: this.line.id, start_ms: start, end_ms: end });
  }

  #remarks() {
    const options = (names, prefix) => names.map((name) => make("option", { value: name }, say(`${prefix}.${name}`)));
    const note = this.#keep(make("input", { id: "note", maxlength: "5000", autocomplete: "off" }), "");
    const severity = make("select", { id: "severity" }, make("option", { value: "" }, say("comment")), ...options(SEVERITIES, "severity"));
    const category = make("select", { id: "category" }, ...options(CATEGORIES, "category"));
    const form = make(
      "form",
      { class: "row", onsubmit: (event) => this.#remark(event, note, severity, category) },
      make("label", { class: "field grow" }, make("span", {}, say("note")), note),
      make("label", { class: "field" }, make("span", {}, say("severity")), severity),
      make("label", { class: "field" }, make("span", {}, say("category")), category),
      make("button", {}, say("add")),
    );
    return make("details", { id: "remarks", open: true }, make("summary", {}, say("remarks")), form);
  }

  #remark(event, note, severity, category) {
    event.preventDefault();
    const about = { line: this.line.id, language: this.line.language, at_ms: this.line.start_ms };
    const text = note.value.trim();
    if (severity.value) this.decide({ kind: "qc", severity: severity.value, category: category.value, ...(text ? { text } : {}), ...about });
    else if (text) this.decide({ kind: "comment", text, ...about });
  }

  #history(events) {
    if (!events.length) return "";
    return make(
      "details",
      { id: "history", open: true },
      make("summary", {}, say("history", { n: events.length })),
      make(
        "ol",
        { class: "history" },
        ...events.map((event) =>
          make(
            "li",
            { class: event.undone ? "undone" : "" },
            make("b", {}, event.who),
            ` ${told(event)} `,
            make("time", { datetime: event.at }, new Date(event.at).toLocaleString(document.documentElement.lang)),
            event.undone || event.kind === "undo" ? null : make("button", { type: "button", class: "plain", "aria-label": `${say("undo")} ${told(event)}`, onclick: () => this.undo(event.number) }, say("undo")),
          ),
        ),
      ),
    );
  }
}

/** A decision in words. */
export function told(event) {
  const key = `event.${event.kind}`;
  const values = { text: event.text ?? "", voice: event.voice ?? "", other: event.other ?? "", undoes: event.undoes ?? "", term: event.term ?? "", profile: event.profile ?? "" };
  if (event.after) values.text = event.after.map((cue) => cue.lines.join(" / ")).join(" | ");
  values.severity = event.severity ? say(`severity.${event.severity}`) : "";
  values.category = event.category ? say(`category.${event.category}`) : "";
  return known(key) ? say(key, values) : event.kind;
}

const keyOf = (line, field) => `${line.id} ${line.language} ${field}`;
const letters = (text) => text.replace(/[^\p{L}\p{N}]/gu, "").length;
