/** Other voices for the person of a line: the line is spoken by three, and a click gives the person one of them. */

import { address } from "./api.js";
import { make } from "./parts.js";
import { number, say, seconds } from "./words.js";

const ORIGINAL = "original";

export class Audition {
  /**
   * `missing()` says why nothing can be spoken here, "" where it can; `lines(speaker)` are all lines of a person,
   * `render(line)` has a line spoken, `decideAll(events)` appends decisions, `changed()` draws the line anew, `quiet()`
   * stops the film.
   */
  constructor({ missing, lines, render, decideAll, failed, changed, quiet }) {
    Object.assign(this, { missing, lines, render, decideAll, failed, changed, quiet });
    this.found = new Map();
    this.waiting = "";
  }

  part(line) {
    if (!mayChange(line)) return "";
    const key = `${line.id} ${line.language}`;
    const [found, missing] = [this.found.get(key), this.missing()];
    const begin = make("button", { id: "auditionBegin", type: "button", "aria-disabled": this.waiting ? "true" : "false", onclick: () => this.#begin(key, line) }, say("auditionBegin"));
    const told = this.waiting === key ? say("auditionWaits") : found ? say("auditionSays", { text: found.text }) : "";
    return make(
      "details",
      { id: "audition" },
      make("summary", {}, say("audition", { name: line.name })),
      missing ? make("p", { class: "why" }, missing) : make("div", { class: "row" }, begin),
      make("p", { id: "auditionTold", class: "why", role: "status" }, told),
      found ? make("ul", { class: "voices" }, ...found.candidates.map((one) => this.#candidate(one, line))) : null,
    );
  }

  async #begin(key, line) {
    if (this.waiting) return;
    this.waiting = key;
    this.changed();
    try {
      const found = await this.render(line);
      for (const one of found.candidates) one.player = player(found.number, one.voice, this.quiet);
      this.found.set(key, found);
    } catch (error) {
      this.failed(error);
    }
    this.waiting = "";
    this.changed();
  }

  #candidate(one, line) {
    const others = this.lines(line.speaker).filter((other) => mayChange(other) && other.voice !== one.voice);
    const facts = [
      say("auditionPitch", { n: number(Math.round(one.pitch_hz)) }),
      seconds(one.duration_ms),
      one.dnsmos === null ? "" : say("auditionQuality", { n: number(one.dnsmos) }),
      one.likeness === null ? "" : say("auditionLike", { n: number(one.likeness) }),
      one.nearest === null ? "" : say("auditionPartner", { n: number(one.nearest), partner: one.partner }),
    ];
    const give = () => {
      if (others.length) this.decideAll(others.map((other) => ({ kind: "change_voice", line: other.id, language: other.language, voice: one.voice })));
    };
    return make(
      "li",
      {},
      make("b", {}, one.voice),
      one.player,
      make("button", { id: `give-${one.voice}`, type: "button", "aria-pressed": others.length ? "false" : "true", onclick: give }, others.length ? say("auditionGive", { name: line.name, voice: one.voice, n: others.length }) : say("auditionHas", { name: line.name, voice: one.voice })),
      make("small", {}, facts.filter(Boolean).join(" · ")),
    );
  }
}

/** Whether another voice may be given to a line: it is spoken by one, and is no recording of a person. */
const mayChange = (line) => !line.take && line.voice !== ORIGINAL && !line.flags.includes("kept");

/** A player, which stays in the page while the line around it is drawn anew; one is heard at a time. */
function player(number, voice, quiet) {
  const part = make("audio", { controls: true, preload: "metadata", "aria-label": say("auditionHear", { voice }), src: address("/media/audition.wav", { number, voice }) });
  part.onplay = () => {
    quiet();
    for (const other of document.querySelectorAll("#audition audio")) if (other !== part) other.pause();
  };
  return part;
}
