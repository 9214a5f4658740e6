"use strict";
/**
 * The player: opened from disk, so that it fetches nothing and is no module; the film's facts and cues are a script beside
 * it. The sound is the clock, and the muted picture follows it. All texts of the film are set as text, never as markup.
 */
(() => {
  const NEAR_S = 0.008; // of picture and sound: nothing is corrected
  const FAR_S = 0.25; // the picture jumps; below, it runs faster or slower by up to a tenth
  const PHONE_PX = 640; // a narrower picture has the cues that are cut for phones
  const LETTER_EM = 0.52; // mean width of a letter
  const NOTICE_MS = 6000;
  const IDLE_MS = 3000;
  const film = window.localizeFilm;
  const tables = window.localizeWords;
  const by = (id) => document.getElementById(id);
  const picture = by("picture");
  let words = tables.en;
  let sound = null;
  let shown = "";
  let wanted = false; // to play
  let noticeTimer = 0;
  let idleTimer = 0;

  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  function keep(name, value) {
    try {
      if (value !== undefined) localStorage.setItem(`localize.${name}`, value);
      return localStorage.getItem(`localize.${name}`);
    } catch {
      return null; // a browser that keeps nothing for a page from disk
    }
  }

  const tracks = film.sounds.map((track) => ({ ...track, element: null }));

  function element(track) {
    if (track.element) return track.element;
    const made = new Audio();
    made.preload = "auto";
    made.src = track.file;
    made.addEventListener("error", () => fault(say("noSound", { name: track.name }), track.file));
    // Without a sound card Firefox says that it cannot play, and plays on unheard: the picture follows all the same.
    made.addEventListener("timeupdate", () => wanted && by("fault").dataset.of === track.file && fault(""));
    made.addEventListener("waiting", () => made === sound?.element && picture.pause());
    made.addEventListener("playing", () => made === sound?.element && wanted && startPicture());
    made.addEventListener("ended", () => made === sound?.element && ended());
    made.addEventListener("loadedmetadata", showTime);
    return (track.element = made);
  }

  function fault(text, of = "") {
    by("fault").textContent = text;
    by("fault").dataset.of = of;
    by("fault").hidden = !text;
  }

  // --- time ----------------------------------------------------------------------------------------------------------

  const length = () => Math.max(picture.duration || 0, sound.element.duration || 0) || film.duration_ms / 1000;
  const silent = () => sound.element.ended || (sound.at ?? 0) >= (sound.element.duration || Infinity);
  /** Seconds of the film: those of the sound; where it is over before the picture, those of the picture. */
  const now = () => (silent() ? Math.max(picture.currentTime, sound.element.duration || 0) : sound.element.currentTime);

  function startPicture() {
    if (!picture.ended && picture.paused) picture.play().catch(() => {});
  }

  async function play() {
    wanted = true;
    if (now() >= length() - 0.05) seek(0);
    notice();
    showPlay();
    if (!silent()) await sound.element.play().catch(() => pause());
    if (!wanted) return;
    startPicture();
    requestAnimationFrame(tick);
  }

  function pause() {
    wanted = false;
    for (const track of tracks) track.element?.pause();
    picture.pause();
    picture.playbackRate = 1;
    if (!silent()) picture.currentTime = sound.element.currentTime;
    showPlay();
    showTime();
  }

  function ended() {
    if (wanted && !picture.ended && picture.currentTime < (picture.duration || 0) - 0.05) return startPicture();
    if (wanted) pause();
  }

  function seek(seconds) {
    const at = Math.min(Math.max(0, seconds), length());
    sound.at = at;
    sound.element.currentTime = Math.min(at, sound.element.duration || at);
    picture.currentTime = Math.min(at, picture.duration || at);
    if (wanted && !silent() && sound.element.paused) sound.element.play().catch(() => pause());
    if (wanted) startPicture();
    showTime();
  }

  /** Keep the picture with the sound, and the page with both. */
  function tick() {
    if (!wanted) return;
    const { element: clock } = sound;
    sound.at = clock.currentTime;
    if (!silent() && !picture.ended && !picture.seeking && !clock.seeking && picture.readyState > 1) {
      const ahead = picture.currentTime - clock.currentTime;
      if (Math.abs(ahead) > FAR_S) picture.currentTime = clock.currentTime + (clock.paused ? 0 : 0.05);
      const rate = Math.abs(ahead) < NEAR_S || Math.abs(ahead) > FAR_S ? 1 : Math.min(1.1, Math.max(0.9, 1 - 2 * ahead));
      if (Math.abs(rate - picture.playbackRate) > 0.004) picture.playbackRate = rate;
    }
    showTime();
    requestAnimationFrame(tick);
  }

  picture.addEventListener("ended", () => silent() && ended());
  picture.addEventListener("error", () => fault(say("noPicture")));

  // --- sound ---------------------------------------------------------------------------------------------------------

  async function choose(track) {
    const before = sound;
    const at = before ? now() : 0;
    const next = element(track);
    sound = track;
    track.at = at;
    next.volume = Number(by("volume").value);
    next.muted = by("mute").getAttribute("aria-pressed") === "true";
    next.currentTime = Math.min(at, next.duration || at);
    by("sound").value = String(tracks.indexOf(track));
    by("label").hidden = !track.generated;
    notice();
    showCues(true);
    if (wanted && !silent()) await next.play().catch(() => pause());
    if (before && before !== track && sound === track) before.element.pause();
    if (wanted) startPicture();
  }

  /** Over the picture, for as long as it takes to read it: that the voices are synthesized. */
  function notice() {
    clearTimeout(noticeTimer);
    by("notice").hidden = !sound?.generated;
    if (wanted) noticeTimer = setTimeout(() => (by("notice").hidden = true), NOTICE_MS);
  }

  function loud() {
    for (const track of tracks) {
      if (!track.element) continue;
      track.element.volume = Number(by("volume").value);
      track.element.muted = by("mute").getAttribute("aria-pressed") === "true";
    }
  }

  function mute() {
    const muted = by("mute").getAttribute("aria-pressed") !== "true";
    by("mute").setAttribute("aria-pressed", String(muted));
    by("mute").textContent = say("mute");
    loud();
  }

  // --- subtitles -----------------------------------------------------------------------------------------------------

  /** The cues to be shown now: those of the chosen language, as wished; with none chosen, what must be read in any case. */
  function cuesToShow() {
    const chosen = by("subtitles").value;
    if (chosen === "") return film.subtitles.find((entry) => entry.language === sound.language)?.styles.forced ?? null;
    const { styles } = film.subtitles[Number(chosen)];
    const small = by("large").checked || frame().width < PHONE_PX;
    return styles[by("style").value] ?? (small ? styles.phone : styles.usual);
  }

  /** Where the picture is within its box, px. */
  function frame() {
    const box = by("screen").getBoundingClientRect();
    const scale = Math.min(box.width / (picture.videoWidth || 16), box.height / (picture.videoHeight || 9));
    return { width: (picture.videoWidth || 16) * scale, height: (picture.videoHeight || 9) * scale, box };
  }

  function showCues(anew = false) {
    const set = cuesToShow();
    const ms = now() * 1000;
    const cues = set ? set.cues.filter(([start, end]) => start <= ms && ms < end) : [];
    const key = `${set?.profile} ${cues.map((cue) => cue[0])}`;
    if (key === shown && !anew) return;
    shown = key;
    by("cues").lang = set?.language ?? "";
    by("cues").dataset.profile = set?.profile ?? "";
    by("cues").replaceChildren(
      ...cues.map(([, , lines]) => {
        const part = document.createElement("p");
        lines.forEach((line, at) => {
          const row = document.createElement("span");
          row.dir = "auto";
          row.textContent = line;
          part.append(...(at ? [document.createElement("br"), row] : [row]));
        });
        return part;
      }),
    );
    if (set) resizeCues(set);
  }

  /** Letters of a share of the picture's height, as large as lets the longest line of the profile stay on one line. */
  function resizeCues(set) {
    const { width, height, box } = frame();
    const wide = (0.92 * width) / (set.chars * LETTER_EM);
    const high = height * 0.055 * (by("large").checked ? 1.6 : 1);
    by("cues").style.fontSize = `${Math.max(by("large").checked ? 20 : 15, Math.min(wide, high)).toFixed(1)}px`;
    by("cues").style.setProperty("--below", `${((box.height - height) / 2 + height * 0.05).toFixed(0)}px`);
  }

  // --- what the page shows -------------------------------------------------------------------------------------------

  function written(seconds) {
    const all = Math.max(0, Math.floor(seconds));
    const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60].map((part) => String(part).padStart(2, "0"));
    return h === "00" ? `${Number(m)}:${s}` : `${Number(h)}:${m}:${s}`;
  }

  function showTime() {
    if (!sound) return;
    const [at, all] = [now(), length()];
    by("seek").max = all.toFixed(1);
    if (document.activeElement !== by("seek") || !by("seek").matches(":active")) by("seek").value = at.toFixed(1);
    const text = `${written(at)} / ${written(all)}`;
    if (by("clock").textContent !== text) {
      by("clock").textContent = text;
      by("seek").setAttribute("aria-valuetext", say("clock", { at: written(at), all: written(all) }));
    }
    showCues();
  }

  function showPlay() {
    by("play").textContent = say(wanted ? "pause" : "play");
  }

  function option(value, text, lang = "") {
    const made = new Option(text, value);
    if (lang) made.lang = lang;
    return made;
  }

  function speak(language) {
    words = tables[language];
    document.documentElement.lang = language;
    for (const part of document.querySelectorAll("[data-word]")) part.textContent = say(part.dataset.word);
    for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", say(part.dataset.label));
    const chosen = { sound: by("sound").value, subtitles: by("subtitles").value, style: by("style").value };
    by("sound").replaceChildren(
      ...tracks.map((track, at) => option(String(at), `${track.name} (${say(track.generated ? "dubbed" : "original")})`)),
    );
    by("subtitles").replaceChildren(option("", say("off")), ...film.subtitles.map((entry, at) => option(String(at), entry.name, entry.language)));
    by("style").replaceChildren(...["auto", "easy", "sdh"].map((name) => option(name, say(`style.${name}`))));
    for (const [name, value] of Object.entries(chosen)) if (value) by(name).value = value;
    const disclosed = film.disclosure[language] ?? film.disclosure.en;
    by("label").textContent = disclosed;
    by("notice").textContent = disclosed;
    by("mute").textContent = say("mute");
    by("full").textContent = say(document.fullscreenElement ? "leaveFull" : "full");
    by("keysList").replaceChildren(...KEYS.flatMap(([keys, does]) => described(keys, does)));
    showPlay();
    showTime();
  }

  function described(keys, does) {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    for (const key of keys) {
      const part = document.createElement("kbd");
      part.textContent = key;
      term.append(part);
    }
    text.textContent = say(does);
    return [term, text];
  }

  // --- keys ----------------------------------------------------------------------------------------------------------

  const KEYS = [
    [["Space", "K"], "key.play"], [["←", "→"], "key.seek"], [["↑", "↓"], "key.volume"], [["Home", "End"], "key.ends"], [["M"], "key.mute"], [["A"], "key.sound"],
    [["C"], "key.subtitles"], [["S"], "key.style"], [["L"], "key.large"], [["F"], "key.full"], [["?"], "key.help"],
  ];
  const toggle = () => (wanted ? pause() : play());
  const turn = (select) => {
    select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
    select.dispatchEvent(new Event("change"));
  };
  const louder = (by_) => {
    by("volume").value = String(Number(by("volume").value) + by_);
    loud();
  };
  const ACTIONS = {
    " ": toggle, k: toggle, ArrowLeft: () => seek(now() - 5), ArrowRight: () => seek(now() + 5), ArrowUp: () => louder(0.1), ArrowDown: () => louder(-0.1),
    Home: () => seek(0), End: () => seek(length()), m: mute, a: () => turn(by("sound")), c: captions, s: () => turn(by("style")), l: () => by("large").click(), f: full,
    "?": () => by("keysDialog").showModal(),
  };

  function captions() {
    const last = keep("lastSubtitles") ?? String(Math.max(0, film.subtitles.findIndex((entry) => entry.language === sound.language)));
    by("subtitles").value = by("subtitles").value === "" && film.subtitles[Number(last)] ? last : "";
    by("subtitles").dispatchEvent(new Event("change"));
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else by("stage").requestFullscreen?.().catch(() => {});
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!(key in ACTIONS) || (key.length === 1 && key !== " " && !by("letters").checked)) return;
    const field = event.target.closest("select, input, button");
    // A control keeps the keys that it understands itself.
    if (field && (key.length > 1 || key === " " || field.matches("select"))) return;
    event.preventDefault();
    ACTIONS[key]();
  }

  function awake() {
    by("stage").classList.remove("idle");
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => wanted && by("stage").classList.add("idle"), IDLE_MS);
  }

  // --- beginning -----------------------------------------------------------------------------------------------------

  function begin() {
    const own = navigator.languages.map((tag) => tag.slice(0, 2));
    by("words").replaceChildren(...Object.entries(tables).map(([tag, table]) => option(tag, table.name, tag)));
    const page = [keep("words"), ...own, "en"].find((tag) => tag in tables);
    by("words").value = page;
    speak(page);
    by("letters").checked = keep("letters") !== "off";
    by("large").checked = keep("large") === "on";
    by("style").value = ["auto", "easy", "sdh"].includes(keep("style")) ? keep("style") : "auto";
    const spoken = [keep("sound"), ...own].map((tag) => tracks.find((track) => track.language === tag && (track.generated || tag === keep("sound"))));
    choose(spoken.find(Boolean) ?? tracks.find((track) => track.default) ?? tracks[0]);
    const read = film.subtitles.findIndex((entry) => entry.language === keep("subtitles"));
    by("subtitles").value = read < 0 ? "" : String(read);
    by("mute").setAttribute("aria-pressed", "false");
    by("play").onclick = toggle;
    by("screen").onclick = toggle;
    by("seek").oninput = () => seek(Number(by("seek").value));
    by("volume").oninput = loud;
    by("mute").onclick = mute;
    by("full").onclick = full;
    by("openKeys").onclick = ACTIONS["?"];
    by("words").onchange = () => speak(keep("words", by("words").value));
    by("letters").onchange = () => keep("letters", by("letters").checked ? "on" : "off");
    by("sound").onchange = () => {
      const track = tracks[Number(by("sound").value)];
      keep("sound", track.language);
      choose(track);
    };
    by("subtitles").onchange = () => {
      const { value } = by("subtitles");
      keep("subtitles", value === "" ? "" : film.subtitles[Number(value)].language);
      if (value !== "") keep("lastSubtitles", value);
      showCues(true);
    };
    by("style").onchange = () => {
      keep("style", by("style").value);
      showCues(true);
    };
    by("large").onchange = () => {
      keep("large", by("large").checked ? "on" : "off");
      showCues(true);
    };
    document.addEventListener("keydown", pressed);
    for (const name of ["keydown", "pointermove", "pointerdown"]) document.addEventListener(name, awake);
    document.addEventListener("fullscreenchange", () => (by("full").textContent = say(document.fullscreenElement ? "leaveFull" : "full")));
    new ResizeObserver(() => showCues(true)).observe(by("screen"));
    picture.addEventListener("loadedmetadata", () => {
      by("screen").style.setProperty("--shape", `${picture.videoWidth} / ${picture.videoHeight}`);
      showTime();
      showCues(true);
    });
    showTime();
    window.player = { picture, play, pause, seek, now, sound: () => sound.element }; // for tests and for the curious
    document.body.dataset.ready = "yes";
  }

  begin();
})();
