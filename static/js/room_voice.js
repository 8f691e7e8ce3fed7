/** What the room says aloud: rarely, and only what matters. */
const PAUSE = 5000;

export class Voice {
  constructor({ polite, assertive, list, mode, time }) {
    Object.assign(this, { polite, assertive, list, mode, time });
    this.last = 0;
  }

  /** Say something. `mine`: it concerns the reader, so it is said at once; `loud`: it interrupts. */
  say(text, { mine = false, loud = false, written = true } = {}) {
    if (written) this.write(text);
    if (loud) {
      this.assertive.textContent = text;
      return;
    }
    const mode = this.mode();
    if (mode === "off" || (mode === "mine" && !mine)) return;
    clearTimeout(this.timer);
    const wait = mine ? 0 : Math.max(0, this.last + PAUSE - Date.now());
    this.timer = setTimeout(() => {
      this.last = Date.now();
      this.polite.textContent = text;
    }, wait);
  }

  write(text) {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = this.time();
    entry.append(time, text);
    this.list.prepend(entry);
    while (this.list.children.length > 30) this.list.lastChild.remove();
  }
}
