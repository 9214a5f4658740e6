/**
 * A line that one reads: a WAV that is chosen, or recorded here, is checked by the server. It becomes the take, or leads
 * the dub's voice.
 */

import { make } from "./parts.js";
import { number, root, say, seconds } from "./words.js";

const LONGEST_S = 60;
const FASTEST = 1.25;

export class OwnTakes {
  /** `people()` are the voices that may be heard, `upload(bytes)` has one checked, `changed()` draws the line anew. */
  constructor({ people, upload, decide, failed, changed }) {
    Object.assign(this, { people, upload, decide, failed, changed });
    this.ready = new Map();
    this.recording = null;
  }

  part(line) {
    const people = this.people();
    const now = line.take ? say("ownNow", { voice: line.voice }) : line.guide ? say("guideNow") : "";
    return make(
      "details",
      { id: "own" },
      make("summary", {}, say("ownTake")),
      now ? make("p", { class: "why" }, now) : null,
      this.#form(line, people),
      make("p", { class: "why" }, say(people.length ? "guideWhat" : "ownNobody")),
    );
  }

  #form(line, people) {
    const key = `${line.id} ${line.language}`;
    const found = this.ready.get(key);
    const there = line.end_ms - line.start_ms;
    const whose = make("select", { id: "ownWhose" }, ...people.map((name) => make("option", { value: name, selected: name === line.voice }, name)));
    const file = make("input", { id: "ownFile", type: "file", accept: ".wav,audio/wav", onchange: () => file.files[0] && this.#take(key, file.files[0]) });
    const mine = this.recording?.key === key;
    const send = async (decision) => {
      if (found && (await this.decide({ ...decision, line: line.id, language: line.language, take: found.take }))) this.ready.delete(key);
    };
    const use = (event) => {
      event.preventDefault();
      if (people.length) send({ kind: "own_take", voice: whose.value });
    };
    const rate = found ? found.length_ms / Math.max(1, there) : 0;
    return make(
      "form",
      { class: "row", onsubmit: use },
      make("label", { class: "field grow" }, make("span", {}, say("ownFile")), file),
      make("button", { id: "ownRecord", type: "button", disabled: this.recording && !mine, "aria-pressed": mine ? "true" : "false", onclick: () => (mine ? this.#stop() : this.#record(key)) }, say(mine ? "ownStop" : "ownRecord")),
      make("button", { id: "ownGuide", type: "button", disabled: !found, onclick: () => send({ kind: "guide_take" }) }, say("ownGuide")),
      people.length ? make("label", { class: "field" }, make("span", {}, say("ownWhose")), whose) : null,
      people.length ? make("button", { id: "ownUse", class: "main", disabled: !found }, say("ownUse")) : null,
      make("p", { id: "ownLength", class: rate > FASTEST ? "fits bad" : "fits", role: "status" }, found ? say("ownLength", { needs: seconds(found.length_ms), there: seconds(there), rate: number(rate) }) : ""),
      found?.clipped ? make("p", { class: "fits bad" }, say("ownClipped")) : null,
    );
  }

  /** Have a WAV checked; what is wrong with it is said, and it is not offered. */
  async #take(key, bytes) {
    this.ready.delete(key);
    try {
      this.ready.set(key, await this.upload(bytes));
    } catch (error) {
      this.failed(error);
    }
    this.changed();
  }

  async #record(key) {
    const parts = [];
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
      const context = new AudioContext({ sampleRate: 48000 });
      await context.audioWorklet.addModule(`${root}/page/recorder.js`);
      const node = new AudioWorkletNode(context, "recorder");
      node.port.onmessage = (event) => parts.push(event.data);
      context.createMediaStreamSource(stream).connect(node);
      const late = setTimeout(() => this.#stop(), LONGEST_S * 1000 - 500);
      this.recording = { key, parts, stream, context, late };
    } catch {
      this.failed(new Error(say("ownNoMicrophone")));
    }
    this.changed();
  }

  async #stop() {
    const { key, parts, stream, context, late } = this.recording;
    this.recording = null;
    clearTimeout(late);
    for (const track of stream.getTracks()) track.stop();
    await context.close();
    await this.#take(key, wav(parts, context.sampleRate));
  }
}

/** Samples from -1 to 1, in parts, as a WAV of 24 bits and one channel. */
function wav(parts, rate) {
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  const made = new DataView(new ArrayBuffer(44 + 3 * count));
  const word = (at, text) => [...text].forEach((letter, n) => made.setUint8(at + n, letter.charCodeAt(0)));
  word(0, "RIFF");
  made.setUint32(4, 36 + 3 * count, true);
  word(8, "WAVEfmt ");
  made.setUint32(16, 16, true);
  made.setUint16(20, 1, true);
  made.setUint16(22, 1, true);
  made.setUint32(24, rate, true);
  made.setUint32(28, rate * 3, true);
  made.setUint16(32, 3, true);
  made.setUint16(34, 24, true);
  word(36, "data");
  made.setUint32(40, 3 * count, true);
  let at = 44;
  for (const part of parts) {
    for (const sample of part) {
      const value = Math.round(Math.max(-1, Math.min(1, sample)) * 8388607);
      made.setUint16(at, value & 0xffff, true);
      made.setInt8(at + 2, value >> 16);
      at += 3;
    }
  }
  return made.buffer;
}
