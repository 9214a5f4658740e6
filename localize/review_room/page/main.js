/**
 * The page: what it shows of the state of the server, and what keys and buttons do. Over 400 lines: it is the one place
 * where the parts meet.
 */

import { Refused, address, listen, read, send, upload } from "./api.js";
import { Audition } from "./audition.js";
import { Cues } from "./cues.js";
import { Comparison } from "./compare.js";
import { LinePanel, told } from "./line.js";
import { by, kept, make } from "./parts.js";
import { EARS, Player } from "./player.js";
import { Replace } from "./replace.js";
import { Script } from "./script.js";
import { Sides, caption } from "./sides.js";
import { OwnTakes } from "./takes.js";
import { Timeline } from "./timeline.js";
import { toast } from "./toasts.js";
import { clock, known, languages, number, say, seconds, speak } from "./words.js";

const FLAGS = ["overflow", "fast", "unsure", "misheard", "risk", "term"];
const FILTERS = ["all", "flagged", ...FLAGS, "unapproved", "rejected", "remarked", "pending"];
const AROUND_MS = 300;

const page = { state: null, lines: [], shown: [], selected: null, view: "lines", filter: "all", search: "", runs: 0, own: new Set() };
const player = new Player(by("picture"), moved);
const timeline = new Timeline(by("waves"), { seek: (ms) => player.seek(ms), select: (id) => select(id, { seek: false }), retime, choose: (at) => cues.choose(at) });
const script = new Script(by("lines"), (id) => select(id));
const own = new OwnTakes({ people: () => page.state.people, upload: (bytes) => upload("/api/takes", {}, bytes), decide, failed, changed: showLine });
const audition = new Audition({
  missing: () => page.state.redo.missing,
  lines: (speaker) => page.lines.filter((line) => line.speaker === speaker),
  render: (line) => send("/api/audition", { language: line.language }, { line: line.id }),
  decideAll, failed, changed: showLine, quiet: () => player.sound.pause(),
});
const panel = new LinePanel(by("line"), { own, audition, decide, undo, next, voices, typing, approve: () => verdict("approve"), reject: () => verdict("reject"), at: () => player.ms });
const readCues = (language, profile) => read("/api/subtitles", { language, profile });
const cues = new Cues(by("cue"), {
  read: readCues, check: (language, profile, some) => send("/api/cues/check", { language }, { profile, cues: some }), decide, undo, failed,
  seek: (ms) => player.playing || player.seek(ms), play: (from, until) => player.play(from, until), at: () => player.ms, version: () => page.state.review.version, typing: showCaption,
  shown: () => page.view === "cues" && timeline.show({ cues: cues.cues, cue: cues.chosen }),
});
const sides = new Sides(by("picture"), { read: readCues, failed });
const replace = new Replace({ lines: () => page.lines, language: () => page.state.language, decide: decideAll, check: (term, text) => send("/api/term/check", { language: page.state.language }, { term, text }), choose: (id) => showLines(id), failed });
const comparison = new Comparison({
  language: () => page.state.language,
  who: () => by("who").value.trim(),
  askWho,
  keysOn: () => by("keysOn").checked,
});
window.review = { page, player, cues, timeline }; // for tests and for the curious

// --- what is shown ---------------------------------------------------------------------------------------------------

async function load(language) {
  page.state = await read("/api/state", language ? { language } : {});
  const { state } = page;
  document.title = `${state.title} (${state.language})`;
  by("title").textContent = state.title;
  fillLanguages();
  page.colours = Object.keys(state.speakers);
  fillFilter();
  loadSound();
  merge();
  if (!page.selected && page.lines.length) page.selected = page.lines[0].id;
  show();
  showWork();
  if (!state.sounds.dub) toast(whyUnheard("dub"), { error: true });
  loadWaves().catch(failed);
}

function showWork() {
  by("work").textContent = page.state.redo.running ? say("redoBegun") : "";
}

function fillLanguages() {
  const { languages: dubbed, language } = page.state;
  by("language").replaceChildren(...dubbed.map((name) => make("option", { value: name, selected: name === language }, languageName(name))));
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

function loadSound() {
  const { state } = page;
  const values = { language: state.language, made: state.made };
  player.load(address("/media/sound.wav", values), state.picture ? address("/media/picture", { language: state.language }) : "", state.sounds.offset_ms);
  by("picture").hidden = !state.picture;
  by("noPicture").hidden = state.picture;
  by("noPicture").textContent = say("noPicture");
  for (const button of by("ears").children) button.disabled = unheard(button.dataset.ear) !== undefined;
}

/** The first sound of a way to listen that is not there. */
const unheard = (ear) => (ear === "both" ? ["source", "dub"] : [ear]).find((name) => !page.state.sounds[name]);

const whyUnheard = (name) => say(`noSound.${name}`, { missing: page.state.sounds.missing });

async function loadWaves() {
  const { language, made } = page.state;
  for (const which of ["source", "dub"]) {
    const found = await read(`/api/peaks/${which}`, { language, made });
    if (language !== page.state.language || made !== page.state.made) return;
    timeline.show({ peaks: { ...timeline.peaks, [which]: found.peaks } });
  }
}

/** Put together what was delivered and what was decided, line by line. */
function merge() {
  const { state } = page;
  const delivered = new Map(state.lines.map((line) => [line.id, line]));
  const terms = new Map();
  for (const [id, ...term] of state.review.terms) terms.set(id, [...(terms.get(id) ?? []), term]);
  page.lines = state.review.lines.map((decided) => {
    const made = delivered.get(decided.id) ?? { flags: [], wordings: [], dub: [], heard: [] };
    const remarks = [decided.comments.length && "comment", decided.marks.length && "mark"].filter(Boolean);
    const verdict = decided.approved ? "approved" : decided.rejected ? "rejected" : "";
    return {
      ...made,
      ...decided,
      spoken: made.text,
      voice: decided.voice || made.voice,
      name: state.speakers[decided.speaker] ?? decided.speaker,
      colour: page.colours.indexOf(decided.speaker) % 8,
      language: state.language,
      sourceLanguage: state.source_language,
      verdict: verdict && say(`verdict.${verdict}`, decided[verdict]),
      terms: terms.get(decided.id) ?? [],
      flags: [...made.flags, ...(terms.has(decided.id) ? ["term"] : [])],
      chips: [panel.holds({ ...decided, language: state.language }) && "typed", decided.pending && "pending", decided.take && "recorded", decided.guide && "guided", verdict, ...made.flags, terms.has(decided.id) && "term", ...remarks].filter(Boolean),
    };
  });
}

function showScript() {
  const wanted = page.search.toLocaleLowerCase();
  page.shown = page.lines.filter((line) => passes(line) && (!wanted || `${line.id} ${line.source} ${line.text}`.toLocaleLowerCase().includes(wanted)));
  script.show(page.shown, page.selected);
}

/** A line got or lost words that are not saved. */
function typing() {
  merge();
  showScript();
}

function show() {
  const { state } = page;
  showScript();
  timeline.show({ lines: page.lines, shots: state.shots_ms, speakers: page.colours, duration: state.duration_ms, selected: page.selected });
  by("count").textContent = say("countOf", { shown: page.shown.length, all: page.lines.length });
  const done = page.lines.filter((line) => line.approved).length;
  by("approved").textContent = say("approvedOf", { done, all: page.lines.length });
  by("approvedBar").max = Math.max(1, page.lines.length);
  by("approvedBar").value = done;
  by("timeline").setAttribute("aria-valuemax", Math.round(state.duration_ms / 1000));
  showLine();
  cues.offer(state, languageName);
  if (page.view === "cues") cues.load().then(showCaption, failed);
}

/** Show the script's lines, or the cues of the subtitles. */
function view(name) {
  page.view = name;
  const inCues = name === "cues";
  for (const [id, there] of [["findLines", !inCues], ["lines", !inCues], ["line", !inCues], ["findCues", inCues], ["cues", inCues], ["cue", inCues], ["openSides", inCues], ["sizes", inCues], ["caption", inCues]]) by(id).hidden = !there;
  for (const [id, chosen] of [["viewLines", !inCues], ["viewCues", inCues]]) {
    by(id).setAttribute("aria-checked", chosen);
    by(id).tabIndex = chosen ? 0 : -1;
  }
  if (!inCues) {
    timeline.show({ cues: [] });
    return show();
  }
  cues.load().then(() => {
    const at = cues.cues.findIndex((cue) => cue.end_ms > player.ms);
    cues.choose(Math.max(0, at), { seek: false });
    showCaption();
  }, failed);
}

function showLines(id) {
  if (page.view !== "lines") view("lines");
  Object.assign(page, { filter: "all", search: "" });
  by("search").value = "";
  fillFilter();
  show();
  select(id);
  by("lines").focus();
}

function showCaption() {
  if (page.view === "cues") caption(by("caption"), cues.linesAt(player.ms));
  sides.move(player.ms);
}

/** Preview subtitles as large as on a television, or on a phone. */
function size(name) {
  const phone = name === "phone";
  by("picture").parentElement.classList.toggle("phone", phone);
  for (const [id, chosen] of [["sizePhone", phone], ["sizeTv", !phone]]) {
    by(id).setAttribute("aria-checked", chosen);
    by(id).tabIndex = chosen ? 0 : -1;
  }
}

function showLine() {
  const line = page.lines.find((entry) => entry.id === page.selected);
  const { review } = page.state;
  const undone = new Set(review.undone);
  const about = (event) => event.line === page.selected || event.other === page.selected || aim(event)?.line === page.selected;
  panel.show(line, review.events.filter(about).map((event) => ({ ...event, undone: undone.has(event.number) })), review.version);
}

const aim = (event) => (event.kind === "undo" ? page.state.review.events[event.undoes - 1] : null);

function passes(line) {
  const { filter } = page;
  if (filter === "all") return true;
  if (filter.startsWith("speaker:")) return line.speaker === filter.slice(8);
  if (filter === "flagged") return line.flags.some((flag) => FLAGS.includes(flag));
  if (filter === "unapproved") return !line.approved;
  if (filter === "remarked") return line.comments.length + line.marks.length > 0;
  return line.chips.includes(filter);
}

function fillFilter() {
  const option = (value, text) => make("option", { value, selected: value === page.filter }, text);
  const speakers = Object.entries(page.state.speakers).map(([id, name]) => option(`speaker:${id}`, say("filter.speaker", { name })));
  by("filter").replaceChildren(
    make("optgroup", { label: say("filterLines") }, ...FILTERS.map((name) => option(name, say(`filter.${name}`)))),
    make("optgroup", { label: say("filterSpeakers") }, ...speakers),
  );
}

function moved(ms) {
  timeline.move(ms);
  showCaption();
  const text = clock(ms);
  if (by("clock").textContent !== text) by("clock").textContent = by("sidesClock").textContent = text;
  const second = `${Math.round(ms / 1000)}`;
  if (by("timeline").getAttribute("aria-valuenow") !== second) {
    by("timeline").setAttribute("aria-valuenow", second);
    by("timeline").setAttribute("aria-valuetext", text);
  }
}

player.changed = () => {
  by("play").textContent = by("sidesPlay").textContent = say(player.playing ? "pause" : "play");
};

function select(id, { seek = true } = {}) {
  page.selected = id;
  script.select(id);
  timeline.show({ selected: id });
  showLine();
  const line = page.lines.find((entry) => entry.id === id);
  if (seek && line && !player.playing) player.seek(line.start_ms);
}

function step(by, wanted = () => true) {
  const at = page.shown.findIndex((line) => line.id === page.selected);
  for (let next = at + by; next >= 0 && next < page.shown.length; next += by) if (wanted(page.shown[next])) return select(page.shown[next].id);
}

const nextFlag = () => step(1, (line) => line.flags.some((flag) => FLAGS.includes(flag)));

// --- what is heard ---------------------------------------------------------------------------------------------------

/** The voices that are heard in this dub. */
function voices() {
  return [...new Set(page.state.lines.map((line) => line.voice).filter(Boolean))].sort();
}

/** What the same speaker says after a line. */
function next(line) {
  return page.lines.find((other) => other.speaker === line.speaker && other.start_ms > line.start_ms);
}

function playLine() {
  const line = page.lines.find((entry) => entry.id === page.selected);
  if (!line) return;
  const ends = [line.end_ms, ...line.dub.map(([, end]) => end)];
  const begins = [line.start_ms, ...line.dub.map(([start]) => start)];
  player.play(Math.max(0, Math.min(...begins) - AROUND_MS), Math.max(...ends) + AROUND_MS);
}

function hear(ear) {
  const button = [...by("ears").children].find((entry) => entry.dataset.ear === ear);
  if (button.disabled) return toast(whyUnheard(unheard(ear)), { error: true });
  player.listen(ear);
  for (const entry of by("ears").children) {
    entry.setAttribute("aria-checked", entry === button);
    entry.tabIndex = entry === button ? 0 : -1;
  }
}

function fillEars() {
  const names = Object.keys(EARS);
  by("ears").replaceChildren(
    ...names.map((ear) => make("button", { type: "button", role: "radio", "aria-checked": ear === player.ear ? "true" : "false", tabIndex: ear === player.ear ? 0 : -1, "data-ear": ear, title: ear === "both" ? say("earHint.both") : null, onclick: () => hear(ear) }, say(`ear.${ear}`))),
  );
  by("ears").onkeydown = (event) => {
    const turn = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!turn) return;
    event.preventDefault();
    event.stopPropagation();
    const open = [...by("ears").children].filter((entry) => !entry.disabled);
    const next = open[(open.findIndex((entry) => entry.dataset.ear === player.ear) + turn + open.length) % open.length];
    hear(next.dataset.ear);
    next.focus();
  };
}

// --- what is decided -------------------------------------------------------------------------------------------------

/** Ask for a name, until there is one. */
function askWho() {
  page.asked?.remove();
  page.asked = toast(say("whoMissing"), { error: true });
  by("who").focus();
}

/** Who decides; nothing, with a message, where nobody said so. */
function reviewer() {
  const who = by("who").value.trim();
  if (who) return who;
  document.querySelector("dialog[open]")?.close();
  askWho();
  return "";
}

/** Append decisions that belong together, all or none; resolves to whether that was done. */
async function decideAll(events) {
  const who = reviewer();
  if (!who) return false;
  const { language, review } = page.state;
  try {
    const found = await send("/api/events", { language }, { version: review.version, who, events });
    events.forEach((event, at) => {
      page.own.add(review.version + 1 + at);
      panel.forget(event, language);
    });
    page.state.figures = found.figures;
    update(found.review);
    if (events[0].kind === "undo") toast(say("undoneMany", { n: events.length }));
    else report(events[0], found);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 409) {
      refresh(await read("/api/state", { language }));
      show();
    }
    failed(error);
    return false;
  }
}

/** Append a decision; `seen` is the version that it was made on, where that is not the one shown. */
async function decide(event, seen = null) {
  const who = reviewer();
  if (!who) return false;
  const { state } = page;
  const ofCues = (other) => event.kind === "edit_cue" && other.kind === "edit_cue" && other.language === event.language && other.profile === event.profile;
  const changes = (other) => !page.own.has(other.number) && (event.kind === "edit_cue" ? ofCues(other) : [other.line, other.other, aim(other)?.line].includes(event.line) && !["comment", "qc"].includes(other.kind));
  const stale = seen !== null && state.review.events.slice(seen).some(changes);
  const body = { version: stale ? seen : state.review.version, who, events: [event] };
  try {
    const found = await send("/api/events", { language: state.language }, body);
    page.own.add(body.version + 1);
    panel.forget(event, state.language);
    page.state.figures = found.figures;
    update(found.review);
    report(event, found);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 409) await conflict(event, body.version, error.message).catch(failed);
    else failed(error);
    return false;
  }
}

function report(event, found) {
  const { missing } = page.state.redo;
  if (found.redo) toast(say("saved"), { command: found.command });
  else if (found.changed && missing) toast(say("savedNoRedo", { missing }), { error: true });
  else toast(say(event.kind === "undo" ? "undone" : "savedOnly"));
}

function failed(error) {
  toast(error.status === 0 ? say("gone") : say("failed", { message: error.message }), { error: true });
}

/** Show what somebody else decided meanwhile, and ask whose words hold. */
async function conflict(event, seen, message) {
  const { language } = page.state;
  page.state = await read("/api/state", { language });
  merge();
  show();
  const others = page.state.review.events.slice(seen);
  by("conflictText").textContent = message;
  by("conflictList").replaceChildren(...others.map((other) => make("li", {}, make("b", {}, other.who), ` ${other.line ?? ""} ${told(other)}`)));
  by("conflictMine").textContent = `${event.line ?? ""} ${told({ ...event, who: "" })}`;
  by("conflictWrite").hidden = event.kind === "edit_cue"; // of cues that are others now: they are looked at again
  by("conflictWrite").onclick = () => {
    by("conflict").close();
    decide(event);
  };
  by("conflictDrop").onclick = () => {
    by("conflict").close();
    panel.forget(event, language);
    merge();
    show();
  };
  by("conflict").showModal();
}

function update(review) {
  page.state.review = review;
  merge();
  show();
}

function verdict(kind) {
  const line = page.lines.find((entry) => entry.id === page.selected);
  if (line) decide({ kind, line: line.id, language: page.state.language, ...(kind === "approve" && line.text ? { text: line.text } : {}) });
}

function retime(id, start, end) {
  decide({ kind: "retime", line: id, start_ms: start, end_ms: end });
}

/** Take a decision back; without a number, the last one of this person that holds, with those made at once with it. */
function undo(number = null) {
  const { events, undone } = page.state.review;
  const who = by("who").value.trim();
  const open = events.filter((event) => !undone.includes(event.number) && event.kind !== "undo" && event.who === who);
  const last = open.at(-1);
  if (!number && !last) return toast(say("nothingToUndo"));
  if (number) return decide({ kind: "undo", undoes: number });
  const together = open.filter((event) => event.at === last.at).map((event) => ({ kind: "undo", undoes: event.number }));
  return together.length > 1 ? decideAll(together.reverse()) : decide(together[0]);
}

// --- what the server says --------------------------------------------------------------------------------------------

/** A mix is there whose files are still being made: it is heard, and its lines are shown where they lie in it. */
function take({ language, made, dub, first }) {
  const { state } = page;
  if (language !== state.language || made <= state.made) return;
  state.made = made;
  for (const line of state.lines) line.dub = dub[line.id] ?? line.dub;
  merge();
  if (panel.dirty) showScript();
  else show();
  loadSound();
  loadWaves().catch(failed);
  if (first) toast(say("takeHeard"));
}

async function heard(message) {
  if (message.kind === "take") take(message);
  if (message.kind === "unwritten") toast(message.message, { error: true });
  if (message.kind === "review" && message.version > page.state.review.version) {
    const found = await read("/api/state", { language: page.state.language });
    if (found.review.version > page.state.review.version) refresh(found);
  }
  if (message.kind !== "redo") return;
  if (message.state === "started") by("work").textContent = say("redoBegun");
  if (message.state === "working") by("work").textContent = say(message.total ? "redoCount" : "redoWorking", { ...message, stage: known(`stage.${message.stage}`) ? say(`stage.${message.stage}`) : message.stage });
  if (message.state === "failed") toast(say("redoFailed", message), { error: true, command: page.state.redo.command });
  if (message.state === "failed" || message.state === "done") by("work").textContent = "";
  if (message.state === "failed") refresh(await read("/api/state", { language: page.state.language })); // a take that is not delivered is heard no more
  if (message.state !== "done") return;
  page.runs += 1;
  const found = await read("/api/state", { language: page.state.language });
  toast(say("redoDone", { seconds: seconds(message.seconds * 1000) }), { command: found.redo.command });
  refresh(found);
}

/** Show a newer state, but leave alone what somebody types. */
function refresh(found) {
  if (found.language !== page.state.language) return;
  const remade = found.made !== page.state.made;
  page.state = found;
  merge();
  if (panel.dirty) showScript();
  else show();
  if (panel.dirty && page.view === "cues") cues.load().then(showCaption, failed);
  if (!remade) return;
  loadSound();
  loadWaves().catch(failed);
}

function connected(there) {
  if (there === page.there) return;
  if (page.there !== undefined) toast(say(there ? "back" : "gone"), { error: !there });
  if (there && page.there === false) read("/api/state", { language: page.state.language }).then(refresh).then(showWork).catch(failed);
  page.there = there;
}

// --- keys ------------------------------------------------------------------------------------------------------------

const KEYS = [
  [["Space"], "key.space"], [["Enter"], "key.enter"], [["x"], "key.x"], [["1", "2", "3", "4", "5"], "key.ears"], [["j", "k", "↓", "↑"], "key.move"],
  [["n"], "key.n"], [["←", "→"], "key.seek"], [["e"], "key.e"], [["Ctrl+Enter"], "key.save"], [["a"], "key.a"], [["r"], "key.r"],
  [["u", "Ctrl+Z"], "key.u"], [["c"], "key.c"], [["/"], "key.search"], [["+", "−"], "key.zoom"], [["s"], "key.s"], [["f"], "key.f"], [["p"], "key.p"], [["Esc"], "key.leave"], [["?"], "key.help"],
];

const inCues = () => page.view === "cues";
const ACTIONS = {
  " ": () => player.toggle(),
  Enter: () => (inCues() ? cues.playChosen() : playLine()),
  x: () => hear(player.ear === "source" ? "dub" : "source"),
  j: () => (inCues() ? cues.step(1) : step(1)),
  k: () => (inCues() ? cues.step(-1) : step(-1)),
  ArrowDown: () => (inCues() ? cues.step(1) : step(1)),
  ArrowUp: () => (inCues() ? cues.step(-1) : step(-1)),
  ArrowLeft: () => player.seek(player.ms - 1000),
  ArrowRight: () => player.seek(player.ms + 1000),
  n: () => (inCues() ? cues.nextBroken() : nextFlag()),
  e: () => (inCues() ? cues.edit() : panel.edit()),
  a: () => inCues() || verdict("approve"),
  r: () => inCues() || verdict("reject"),
  u: () => undo(),
  c: () => inCues() || by("note")?.focus(),
  s: () => view(inCues() ? "lines" : "cues"),
  f: () => replace.open(),
  p: () => inCues() && sides.show(cues.tongue, player.ms),
  "/": () => inCues() || by("search").focus(),
  "+": () => timeline.zoom(0.7),
  "-": () => timeline.zoom(1.4),
  "?": openKeys,
};
Object.keys(EARS).forEach((ear, at) => (ACTIONS[`${at + 1}`] = () => hear(ear)));

function pressed(event) {
  const field = event.target.closest("input, textarea, select");
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === "Enter") inCues() ? cues.save() : panel.save();
  else if (command && event.key === "z" && !field) undo();
  else if (event.key === "Escape" && field && !field.closest("dialog")) by(inCues() ? "cues" : "lines").focus();
  else if (!field && !command && !event.altKey && !document.querySelector("dialog[open]") && works(event)) ACTIONS[event.key]();
  else return;
  event.preventDefault();
}

/** Whether a key without Ctrl does something here: keys of one letter can be switched off (WCAG 2.1.4). */
function works(event) {
  if (!(event.key in ACTIONS)) return false;
  const button = event.target.closest("button, summary, a, audio");
  if (button && ["Enter", " "].includes(event.key)) return false;
  if (event.target === by("timeline") || event.target === by("lines") || event.target === by("cues")) return true;
  return event.key.length > 1 ? !button : by("keysOn").checked;
}

function openKeys() {
  by("keysList").replaceChildren(
    ...KEYS.flatMap(([names, key]) => [make("dt", {}, ...names.map((name) => make("kbd", {}, name))), make("dd", {}, say(key))]),
  );
  by("keysDialog").showModal();
}

function openFigures() {
  const { review, figures } = page.state;
  const of = (part, whole) => say("figureOf", { part, whole, percent: number(whole ? (100 * part) / whole : 0) });
  const comments = review.events.filter((event) => event.kind === "comment" && !review.undone.includes(event.number));
  const rows = [
    ["lines", figures.lines], ["approved", of(figures.approved, figures.lines)], ["rejected", figures.rejected],
    ["touched", of(figures.touched, figures.lines)], ["stale", figures.stale], ["kept", of(figures.kept_words, figures.machine_words)],
    ["rate", figures.edit_rate === null ? "–" : say("percent", { n: number(100 * figures.edit_rate) })],
    ["remade", figures.remade], ["again", figures.remade_again],
    ["time", figures.worked_lines ? seconds((1000 * figures.line_seconds) / figures.worked_lines) : "–"],
    ...figures.marks.map((mark) => ["mark", mark.marks, { severity: say(`severity.${mark.severity}`), category: say(`category.${mark.category}`) }]),
    ["comments", comments.length], ["runs", page.runs],
  ];
  by("figuresList").replaceChildren(...rows.flatMap(([name, value, about]) => [make("dt", {}, say(`figure.${name}`, about)), make("dd", {}, `${value}`)]));
  by("figuresDialog").showModal();
}

// --- beginning -------------------------------------------------------------------------------------------------------

async function setWords(language) {
  await speak(language);
  kept.set("words", language);
  fillEars();
  player.changed();
  if (!page.state) return;
  cues.show();
  fillLanguages();
  fillFilter();
  loadSound();
  merge();
  show();
}

/** Two radio buttons: a click or an arrow key chooses. */
function turnable(one, other, chooseOne, chooseOther) {
  for (const [button, act, next] of [[one, chooseOne, other], [other, chooseOther, one]]) {
    button.onclick = act;
    button.onkeydown = (event) => {
      if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
      event.stopPropagation();
      next.focus();
      next.click();
    };
  }
}

async function begin() {
  const own = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => languages.includes(tag)) ?? "en";
  const language = kept.get("words", own);
  by("words").value = language;
  by("who").value = kept.get("who", "");
  by("keysOn").checked = kept.get("keys", "on") === "on";
  await setWords(language);
  by("words").onchange = () => setWords(by("words").value);
  by("who").onchange = () => {
    kept.set("who", by("who").value.trim());
    if (by("who").value.trim()) page.asked?.remove();
  };
  by("keysOn").onchange = () => kept.set("keys", by("keysOn").checked ? "on" : "off");
  by("language").onchange = () => load(by("language").value).catch(failed);
  by("filter").onchange = () => {
    page.filter = by("filter").value;
    show();
  };
  by("search").oninput = () => {
    page.search = by("search").value.trim();
    show();
  };
  by("play").onclick = () => player.toggle();
  by("playLine").onclick = playLine;
  by("nextFlag").onclick = nextFlag;
  by("zoomIn").onclick = () => timeline.zoom(0.7);
  by("zoomOut").onclick = () => timeline.zoom(1.4);
  by("openKeys").onclick = openKeys;
  by("openFigures").onclick = openFigures;
  by("line").addEventListener("input", () => send("/api/warm", {}, {}).catch(() => {}), { once: true });
  by("openReplace").onclick = () => replace.open();
  by("openSides").onclick = () => sides.show(cues.tongue, player.ms);
  by("sidesPlay").onclick = () => player.toggle();
  by("sidesBack").onclick = () => cues.step(-1);
  by("sidesOn").onclick = () => cues.step(1);
  turnable(by("viewLines"), by("viewCues"), () => view("lines"), () => view("cues"));
  turnable(by("sizeTv"), by("sizePhone"), () => size("tv"), () => size("phone"));
  by("picture").onerror = () => {
    by("noPicture").hidden = false;
    by("noPicture").textContent = say("badPicture");
  };
  document.addEventListener("keydown", pressed);
  await load();
  comparison.offer(by("openCompare")).catch(failed);
  listen((message) => heard(message).catch(failed), connected);
  addEventListener("beforeunload", (event) => panel.typed.size && event.preventDefault());
  document.body.dataset.ready = "yes";
}

begin().catch(failed);
