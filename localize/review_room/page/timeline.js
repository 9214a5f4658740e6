/** The film's time as a picture: waveforms of source and dub, lines, speakers, shots, and the cues of the subtitles. */

import { clock, number, seconds } from "./words.js";

const RULER = 18;
const STRIP = 18;
const SPEAKERS = 8;
const EDGE_PX = 6;
const SHORTEST_MS = 200;
const FASTEST = 1.25;

export class Timeline {
  /** `seek(ms)`, `select(id)`, `retime(id, start, end)` and `choose(cue)` are called for what a pointer does. */
  constructor(canvas, { seek, select, retime, choose }) {
    Object.assign(this, { canvas, seek, select, retime, choose });
    this.box = canvas.parentElement;
    this.lines = [];
    this.cues = [];
    this.cue = -1;
    this.peaks = { source: [], dub: [] };
    this.shots = [];
    this.speakers = [];
    this.duration = 1000;
    this.span = 20000;
    this.start = 0;
    this.at = 0;
    this.selected = null;
    this.drag = null;
    new ResizeObserver(() => this.draw()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => {
      this.drag = null;
      this.draw();
    });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  show(values) {
    Object.assign(this, values);
    this.draw();
  }

  /** Move the playhead; the part that is shown follows it. */
  move(ms) {
    this.at = ms;
    if (!this.drag && (ms < this.start || ms > this.start + this.span * 0.92)) this.start = this.#inside(ms - this.span * 0.1);
    this.draw();
  }

  zoom(factor) {
    const share = (this.at - this.start) / this.span;
    this.span = Math.min(Math.max(this.duration, 2000), Math.max(2000, this.span * factor));
    this.start = this.#inside(this.at - this.span * Math.min(0.9, Math.max(0.1, share)));
    this.draw();
  }

  #inside(ms) {
    return Math.max(0, Math.min(ms, this.duration - this.span));
  }

  draw() {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.asked = null;
    const [width, height, dense] = [this.box.clientWidth, this.box.clientHeight, devicePixelRatio || 1];
    if (this.canvas.width !== Math.round(width * dense) || this.canvas.height !== Math.round(height * dense)) {
      this.canvas.width = Math.round(width * dense);
      this.canvas.height = Math.round(height * dense);
    }
    const style = getComputedStyle(this.box);
    this.colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const pen = (this.pen = this.canvas.getContext("2d"));
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const half = (height - RULER - this.#strip) / 2;
    this.rows = { source: [RULER, half], dub: [RULER + half, half] };
    this.x = (ms) => ((ms - this.start) / this.span) * width;
    this.#ruler(width, height);
    for (const row of ["source", "dub"]) this.#row(row, width);
    this.#cues(height - this.#strip);
    if (this.drag) this.#limited(width, height);
    pen.fillStyle = this.colour("playhead");
    pen.fillRect(this.x(this.at) - 1, 0, 2, height);
  }

  /** While an edge is dragged: how far it may go, how long the line is then, and at what pace its words fit into that. */
  #limited(width, height) {
    const [pen, { start, end, limits, natural }] = [this.pen, this.drag];
    const pace = natural / (end - start);
    pen.fillStyle = this.colour("field");
    for (const limit of limits) pen.fillRect(this.x(limit) - 1, RULER, 2, height - RULER);
    const told = natural ? `${seconds(end - start)} · ${number(pace)}×` : seconds(end - start);
    pen.font = "600 13px system-ui, sans-serif";
    const wide = pen.measureText(told).width + 10;
    const left = Math.max(0, Math.min(this.x(start), width - wide));
    pen.fillStyle = this.colour("sheet");
    pen.fillRect(left, RULER, wide, 19);
    pen.fillStyle = this.colour(pace > FASTEST ? "bad" : "strong");
    pen.fillText(told, left + 5, RULER + 14);
  }

  /** How high the cues are drawn, where there are any. */
  get #strip() {
    return this.cues.length ? STRIP : 0;
  }

  /** The cues below the waveforms, each as long as it is shown, with as much of its text as there is room for. */
  #cues(top) {
    const pen = this.pen;
    pen.font = "11px system-ui, sans-serif";
    for (const [at, cue] of this.cues.entries()) {
      if (cue.end_ms < this.start || cue.start_ms > this.start + this.span) continue;
      const [left, wide] = [this.x(cue.start_ms), Math.max(2, this.x(cue.end_ms) - this.x(cue.start_ms) - 1)];
      pen.fillStyle = this.colour(at === this.cue ? "chosen" : "info-sheet");
      if (cue.broken.length) pen.fillStyle = this.colour("bad-sheet");
      pen.fillRect(left, top + 1, wide, STRIP - 2);
      pen.save();
      pen.beginPath();
      pen.rect(left, top, wide - 3, STRIP);
      pen.clip();
      pen.fillStyle = this.colour(cue.broken.length ? "bad" : "strong");
      pen.fillText(cue.lines.join(" "), left + 3, top + 13);
      pen.restore();
      if (at !== this.cue) continue;
      pen.strokeStyle = this.colour("strong");
      pen.lineWidth = 1.5;
      pen.strokeRect(left + 0.75, top + 1.75, Math.max(1, wide - 1.5), STRIP - 3.5);
    }
  }

  #ruler(width, height) {
    const pen = this.pen;
    const step = [100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000, 600000].find((s) => (s / this.span) * width > 70) ?? 1200000;
    pen.fillStyle = this.colour("soft");
    pen.font = "11px system-ui, sans-serif";
    for (let ms = Math.ceil(this.start / step) * step; ms < this.start + this.span; ms += step) {
      pen.fillRect(this.x(ms), 0, 1, 5);
      pen.fillText(clock(ms), this.x(ms) + 4, 12);
    }
    pen.fillStyle = this.colour("shot");
    for (const shot of this.shots) if (shot >= this.start && shot <= this.start + this.span) pen.fillRect(this.x(shot), RULER, 1, height - RULER);
  }

  #row(row, width) {
    const [pen, peaks, [top, high]] = [this.pen, this.peaks[row], this.rows[row]];
    for (const line of this.lines) {
      const phrases = row === "source" ? this.#edges(line) : line.dub;
      for (const [start, end] of phrases ?? []) {
        if (end < this.start || start > this.start + this.span) continue;
        const [left, wide] = [this.x(start), Math.max(2, this.x(end) - this.x(start))];
        pen.fillStyle = this.colour(`speaker${this.speakers.indexOf(line.speaker) % SPEAKERS}`);
        pen.globalAlpha = line.id === this.selected ? 0.55 : 0.25;
        pen.fillRect(left, top + 2, wide, high - 4);
        pen.globalAlpha = 1;
        if (line.id !== this.selected) continue;
        pen.strokeStyle = this.colour("strong");
        pen.lineWidth = 1.5;
        pen.strokeRect(left + 0.75, top + 2.75, Math.max(1, wide - 1.5), high - 5.5);
      }
    }
    pen.fillStyle = this.colour(row === "source" ? "wave-source" : "wave-dub");
    const [middle, each] = [top + high / 2, this.span / width / 10];
    for (let x = 0; x < width; x++) {
      let level = 0;
      const from = Math.floor(this.start / 10 + x * each);
      for (let at = from; at < Math.max(from + 1, from + each); at++) level = Math.max(level, peaks[at] ?? 0);
      const tall = Math.max(1, Math.sqrt(level / 255) * (high - 8));
      pen.fillRect(x, middle - tall / 2, 1, tall);
    }
  }

  /** Where a line of the source is drawn: its phrases, or as a pointer drags its edges. */
  #edges(line) {
    if (this.drag?.id === line.id) return [[this.drag.start, this.drag.end]];
    return line.retimed || !line.phrases ? [[line.start_ms, line.end_ms]] : line.phrases;
  }

  #time(event) {
    return this.start + ((event.clientX - this.canvas.getBoundingClientRect().left) / this.box.clientWidth) * this.span;
  }

  #down(event) {
    const ms = this.#time(event);
    if (event.clientY > this.canvas.getBoundingClientRect().top + this.box.clientHeight - this.#strip) {
      const at = this.cues.findIndex((cue) => cue.start_ms <= ms && ms < cue.end_ms);
      return at < 0 ? this.seek(Math.max(0, Math.min(ms, this.duration))) : this.choose(at);
    }
    const near = (EDGE_PX / this.box.clientWidth) * this.span;
    const line = this.lines.find((l) => l.id === this.selected);
    this.canvas.setPointerCapture(event.pointerId);
    if (line && Math.min(Math.abs(line.start_ms - ms), Math.abs(line.end_ms - ms)) < near) {
      const edge = Math.abs(line.start_ms - ms) < Math.abs(line.end_ms - ms) ? "start" : "end";
      this.drag = { id: line.id, edge, start: line.start_ms, end: line.end_ms, limits: this.#limits(line), natural: line.natural_ms };
      return;
    }
    const found = this.lines.find((l) => l.start_ms <= ms && ms < l.end_ms);
    if (found) this.select(found.id);
    this.seek(Math.max(0, Math.min(ms, this.duration)));
  }

  /** Between which times the edges of a line may go: what the same speaker says before and after it. */
  #limits(line) {
    const own = this.lines.filter((l) => l.speaker === line.speaker && l.id !== line.id);
    const before = Math.max(0, ...own.filter((l) => l.end_ms <= line.start_ms).map((l) => l.end_ms));
    return [before, Math.min(this.duration, ...own.filter((l) => l.start_ms >= line.end_ms).map((l) => l.start_ms))];
  }

  #move(event) {
    const ms = Math.round(this.#time(event));
    const line = this.lines.find((l) => l.id === this.selected);
    const near = (EDGE_PX / this.box.clientWidth) * this.span;
    const over = line && Math.min(Math.abs(line.start_ms - ms), Math.abs(line.end_ms - ms)) < near;
    this.canvas.style.cursor = this.drag || over ? "ew-resize" : "pointer";
    if (!this.drag) return;
    const [low, high] = this.drag.limits;
    if (this.drag.edge === "start") this.drag.start = Math.max(low, Math.min(ms, this.drag.end - SHORTEST_MS));
    else this.drag.end = Math.min(high, Math.max(ms, this.drag.start + SHORTEST_MS));
    this.draw();
  }

  #up() {
    const drag = this.drag;
    this.drag = null;
    const line = drag && this.lines.find((l) => l.id === drag.id);
    if (line && (line.start_ms !== drag.start || line.end_ms !== drag.end)) this.retime(line.id, drag.start, drag.end);
    this.draw();
  }

  #wheel(event) {
    if (!event.ctrlKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (event.ctrlKey) this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
    else this.start = this.#inside(this.start + (event.deltaX / this.box.clientWidth) * this.span);
    this.draw();
  }
}
