/** What the room says aloud: at most once in three seconds and only the newest, but at once what takes the lead away. */
const PAUSE = 3000;
const LINES = 30;

export class Voice {
  constructor({ polite, assertive, list, mode, time, sound }) {
    Object.assign(this, { polite, assertive, list, mode, time, sound });
    this.last = 0;
    this.waiting = new Map();
  }

  /**
   * Say something. `mine`: it concerns the reader; `loud`: it interrupts, now; `always`: also to who wants to hear nothing; `topic`: the newest of a topic replaces what
   * still waits of it, so a reader hears how things stand and not how they went. `written`: it stands in the list too.
   */
  say(text, { mine = false, loud = false, always = false, written = true, topic = "bid", tone = "" } = {}) {
    if (written) this.write(text);
    if (tone) this.sound?.play(tone);
    const mode = this.mode();
    if (!always && (mode === "off" || (mode === "mine" && !mine))) return;
    if (loud || always) {
      this.waiting.delete(topic);
      this.last = Date.now();
      this.assertive.textContent = text;
      return;
    }
    this.waiting.set(topic, text);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.speak(), Math.max(0, this.last + PAUSE - Date.now()));
  }

  speak() {
    this.last = Date.now();
    this.polite.textContent = [...this.waiting.values()].join(" ");
    this.waiting.clear();
  }

  write(text) {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = this.time();
    entry.append(time, text);
    this.list.prepend(entry);
    while (this.list.children.length > LINES) this.list.lastElementChild.remove();
  }
}

const TONES = { outbid: [660, 440], turn: [520, 780], taken: [784], near: [587], over: [523, 392, 330] };

/** Short tones, off until somebody asks for them; never the only sign of anything. */
export class Sound {
  constructor(isOn) {
    this.isOn = isOn;
  }

  play(name) {
    if (!this.isOn() || !TONES[name]) return;
    this.context ??= new AudioContext();
    TONES[name].forEach((pitch, place) => this.tone(pitch, this.context.currentTime + 0.02 + place * 0.16));
  }

  tone(pitch, at) {
    const [wave, volume] = [this.context.createOscillator(), this.context.createGain()];
    wave.frequency.value = pitch;
    volume.gain.setValueAtTime(0.12, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.15);
    wave.connect(volume).connect(this.context.destination);
    wave.start(at);
    wave.stop(at + 0.16);
  }
}
