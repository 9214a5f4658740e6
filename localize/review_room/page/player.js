/**
 * Sound and picture. Source, dub, bed and the dialogue of the dub are channels of one stream, so that they cannot drift apart; which of them is
 * heard in which ear is a table of gains. The picture follows the sound's clock.
 */

const FADE_S = 0.008;
const FAR_S = 0.3;
const NEAR_S = 0.04;

/** For each way to listen, the gain of each of the eight channels in the left and in the right ear. */
export const EARS = {
  dub: [[0, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0]],
  source: [[1, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0]],
  both: [[0.5, 0.5, 0, 0, 0, 0, 0, 0], [0, 0, 0.5, 0.5, 0, 0, 0, 0]],
  bed: [[0, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0]],
  dialogue: [[0, 0, 0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 0, 1]],
};

export class Player {
  /** `picture` is a video element; `moved` is called with the time in ms whenever it changed. */
  constructor(picture, moved) {
    this.picture = picture;
    this.moved = moved;
    this.sound = new Audio();
    this.sound.preload = "auto";
    this.offset = 0;
    this.ear = "dub";
    this.until = null;
    this.changed = () => {};
    for (const name of ["play", "pause", "ended", "seeked", "loadedmetadata"]) this.sound.addEventListener(name, () => this.#follow(name));
  }

  get playing() {
    return !this.sound.paused;
  }

  get ms() {
    return this.sound.currentTime * 1000;
  }

  /** Play other files from now on, from the same place. */
  load(sound, picture, offsetMs) {
    const [at, playing] = [this.sound.currentTime, this.playing];
    this.offset = offsetMs / 1000;
    this.sound.src = sound;
    this.sound.currentTime = at;
    if (picture && this.picture.dataset.address !== picture) {
      this.picture.dataset.address = picture;
      this.picture.src = picture;
    }
    if (playing) this.sound.play().catch(() => {});
  }

  toggle() {
    if (this.playing) this.sound.pause();
    else this.play();
  }

  /** Play from a time, or from here, up to another, or to the end. */
  async play(fromMs = null, untilMs = null) {
    this.#wire();
    await this.context.resume();
    if (fromMs !== null) this.seek(fromMs);
    this.until = untilMs;
    await this.sound.play().catch(() => {});
  }

  seek(ms) {
    this.until = null;
    this.sound.currentTime = Math.max(0, ms / 1000);
    if (!this.playing) this.picture.currentTime = this.sound.currentTime + this.offset;
    this.moved(this.ms);
  }

  listen(ear) {
    this.ear = ear;
    if (!this.context) return;
    EARS[ear].forEach((gains, side) =>
      gains.forEach((gain, channel) => this.gains[side][channel].gain.setTargetAtTime(gain, this.context.currentTime, FADE_S)),
    );
  }

  #wire() {
    if (this.context) return;
    this.context = new AudioContext({ sampleRate: 48000 });
    const source = this.context.createMediaElementSource(this.sound);
    this.channels = this.context.createChannelSplitter(8);
    const ears = this.context.createChannelMerger(2);
    source.connect(this.channels);
    this.gains = [0, 1].map((side) =>
      [0, 1, 2, 3, 4, 5, 6, 7].map((channel) => {
        const gain = this.context.createGain();
        gain.gain.value = EARS[this.ear][side][channel];
        this.channels.connect(gain, channel);
        gain.connect(ears, 0, side);
        return gain;
      }),
    );
    ears.connect(this.context.destination);
  }

  #follow(name) {
    if (name === "play") this.#tick();
    if (name === "play" && this.picture.src) {
      this.picture.currentTime = this.sound.currentTime + this.offset;
      this.picture.play().catch(() => {});
    }
    if (name === "pause" || name === "ended") this.picture.pause();
    if (name === "seeked" || name === "loadedmetadata") {
      this.moved(this.ms);
      if (this.picture.src) this.picture.currentTime = this.sound.currentTime + this.offset;
    }
    this.changed();
  }

  #tick() {
    if (!this.playing) return;
    if (this.until !== null && this.ms >= this.until) {
      this.until = null;
      this.sound.pause();
    }
    if (this.picture.src && this.picture.readyState > 1 && !this.picture.seeking) {
      const ahead = this.picture.currentTime - this.sound.currentTime - this.offset;
      if (Math.abs(ahead) > FAR_S) this.picture.currentTime -= ahead;
      this.picture.playbackRate = Math.abs(ahead) > NEAR_S ? 1 - Math.sign(ahead) * 0.06 : 1;
      if (this.picture.paused && this.playing) this.picture.play().catch(() => {});
    }
    this.moved(this.ms);
    requestAnimationFrame(() => this.#tick());
  }
}
