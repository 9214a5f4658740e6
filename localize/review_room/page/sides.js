/** The same words by several profiles beside each other, over the same picture, as large as on the screen they are for. */

import { by, make } from "./parts.js";
import { number, say } from "./words.js";

const SIDES = ["netflix", "mobile", "easy", "netflix-sdh"];

export class Sides {
  /** `read(tongue, profile)` gives the cues of a profile; `picture` is the video element whose picture is shown. */
  constructor(picture, { read, failed }) {
    Object.assign(this, { picture, read, failed });
    this.sides = [];
    picture.addEventListener("seeked", () => this.open && this.#paint());
  }

  get open() {
    return by("sidesDialog").open;
  }

  async show(tongue, ms) {
    by("sidesDialog").showModal();
    try {
      const found = await Promise.all(SIDES.map((name) => this.read(tongue, name)));
      this.sides = found.map((entry) => this.#side(entry, tongue));
      by("sides").replaceChildren(...this.sides.map((side) => side.part));
      this.move(ms);
    } catch (error) {
      this.failed(error);
    }
  }

  #side({ profile, cues }, tongue) {
    const canvas = make("canvas", { width: 480, height: 270, "aria-hidden": "true" });
    const caption = make("div", { class: "caption", lang: tongue, dir: "auto" });
    const facts = make("p", { class: "facts", role: "status" });
    const phone = profile.name === "mobile";
    const broken = cues.filter((cue) => cue.broken.length).length;
    const part = make(
      "section",
      { class: "side", "aria-label": profile.label },
      make("h3", {}, `${profile.label} · ${say(phone ? "onPhone" : "onTv")}`),
      make("div", { class: phone ? "stage phone" : "stage tv" }, canvas, caption),
      facts,
      make("p", { class: "facts" }, say("sideFacts", { n: cues.length, chars: profile.chars, speed: number(profile.speed), wrong: broken })),
    );
    return { part, cues, caption, canvas, facts, profile, shown: null };
  }

  #paint() {
    if (this.picture.readyState > 1 && !this.picture.hidden) for (const side of this.sides) draw(this.picture, side.canvas);
  }

  /** Show what each profile has at a time. */
  move(ms) {
    if (!this.open) return;
    this.#paint();
    for (const side of this.sides) {
      const cue = side.cues.find((entry) => entry.start_ms <= ms && ms < entry.end_ms) ?? null;
      if (cue === side.shown && side.drawn) continue;
      Object.assign(side, { shown: cue, drawn: true });
      caption(side.caption, cue?.lines ?? []);
      side.facts.textContent = cue ? say("sideCue", { speed: number(cue.speed), limit: number(side.profile.speed), s: number((cue.end_ms - cue.start_ms) / 1000) }) : "–";
    }
  }
}

/** Write lines over a picture. */
export function caption(box, lines) {
  box.replaceChildren(...lines.filter(Boolean).map((line) => make("div", {}, make("span", {}, line))));
}

function draw(picture, canvas) {
  const [wide, high] = [picture.videoWidth || 16, picture.videoHeight || 9];
  const scale = Math.min(canvas.width / wide, canvas.height / high);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, (canvas.width - wide * scale) / 2, (canvas.height - high * scale) / 2, wide * scale, high * scale);
}
