/** The line between page and server: a socket that comes back by itself, and polling while it cannot. */
const SILENCE = 6500;
const POLL = 3000;
const SHUT = 4403; // signed out, or the firm was suspended

export class Line {
  /** `hear(message)` gets every message; `show(state)` live, trying, polling, lost, offline or shut; `number()` the newest event known. */
  constructor({ socket, feed, clock, hear, show, number }) {
    Object.assign(this, { address: socket, feed, clock, hear, show, number });
    this.tries = 0;
    this.heard = 0;
    this.asked = 0;
    this.refused = false;
    this.connect();
    setInterval(() => this.watch(), 1000);
    addEventListener("online", () => this.again(0));
    addEventListener("offline", () => this.show("offline"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.ping());
  }

  get live() {
    return this.socket?.readyState === WebSocket.OPEN && Date.now() - this.heard < SILENCE;
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.address}`);
    this.socket = socket;
    socket.addEventListener("message", (event) => {
      if (this.socket !== socket) return;
      this.heard = Date.now();
      const message = JSON.parse(event.data);
      for (const one of Array.isArray(message) ? message : [message]) this.take(one);
    });
    socket.addEventListener("close", (event) => {
      if (this.socket !== socket) return;
      this.refused = event.code === 4404 || event.code === 4430;
      if (event.code === SHUT) this.leave();
      this.again(event.code === 4429 ? 5000 : undefined);
    });
  }

  take(message) {
    if ("pong" in message) {
      this.clock.sample(message.pong, message.t);
      return;
    }
    if ("hello" in message) {
      this.tries = 0;
      this.asked = 0;
      this.show("live");
      for (const wait of [0, 300, 900]) setTimeout(() => this.ping(), wait);
    }
    const head = message.hello ?? message.beat;
    if (head > this.number()) this.resume();
    this.hear(message);
  }

  /** Ask for what was missed, once at a time. */
  resume() {
    if (Date.now() - this.asked < 2000) return;
    this.asked = Date.now();
    this.send({ resume: this.number() });
  }

  ping() {
    this.send({ ping: Date.now() });
  }

  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** This viewer's place is gone: only a new page says what may be seen now. */
  leave() {
    this.shut = true;
    this.show("shut");
  }

  again(wait) {
    clearTimeout(this.timer);
    if (this.refused || this.shut) return;
    const backoff = Math.min(15000, 400 * 2 ** this.tries) * (0.5 + Math.random() / 2);
    this.tries += 1;
    if (navigator.onLine === false) this.show("offline");
    else if (this.tries < 3) this.show("trying");
    this.timer = setTimeout(() => this.connect(), wait ?? backoff);
  }

  watch() {
    if (this.shut) return;
    const now = Date.now();
    if (this.live) {
      if (now - (this.pinged ?? 0) > 15000) {
        this.pinged = now;
        this.ping();
      }
      return;
    }
    if (this.socket?.readyState === WebSocket.OPEN && this.heard && now - this.heard > SILENCE) {
      this.socket.close();
      const dead = this.socket;
      this.socket = null;
      dead.onmessage = null;
      this.again(0);
    }
    if ((this.tries >= 2 || this.refused) && now - (this.polled ?? 0) > POLL) {
      this.polled = now;
      this.poll();
    }
  }

  /** Read what is missing over HTTP. */
  async poll(all = false) {
    const sent = Date.now();
    try {
      const query = all ? "" : `?after=${this.number()}`;
      const answer = await fetch(this.feed + query, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { frames, snapshot, t } = await answer.json();
      this.clock.sample(sent, t);
      if (snapshot) this.hear({ snapshot });
      for (const frame of frames ?? []) this.hear(frame);
      if (!this.live) this.show("polling");
    } catch {
      if (!this.live) this.show(navigator.onLine === false ? "offline" : "lost");
    }
  }
}
