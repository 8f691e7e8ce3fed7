/** How a bid goes to the server: by the socket, else by asking what became of it, else by the same form over HTTP, all with one key. */
const PATIENCE = 4000;
const UNSURE = new Set(["unavailable"]);

export class Channel {
  /** `form` is posted where the socket fails; `outcome` is the address that says what became of a key. */
  constructor({ form, line, outcome }) {
    Object.assign(this, { form, line, outcome });
    this.waiting = null;
    this.sent = new Set();
  }

  /** Send a bid; return the answer, or null when the page itself was sent. `unsure` is called before one asks. */
  async bid(key, fen, confirm, unsure) {
    let answer = fen && (await this.bySocket(key, fen, confirm));
    if (answer && !isUnknown(answer)) return answer;
    if (this.sent.has(key)) {
      unsure();
      answer = await this.ask(key);
      if (answer && !isUnknown(answer)) return answer;
    }
    return this.byForm(confirm);
  }

  bySocket(key, fen, confirm) {
    if (!this.line.live) return null;
    if (!this.line.send({ bid: { key, amount_fen: fen, confirm } })) return null;
    this.sent.add(key);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), PATIENCE);
      this.waiting = { key, done: (answer) => { clearTimeout(timer); resolve(answer); } };
    });
  }

  /** Take the socket's answer to the bid that waits. */
  hear(message) {
    const key = message.ack ?? message.refused ?? message.unknown;
    if (this.waiting?.key !== key) return;
    this.waiting.done(message);
    this.waiting = null;
  }

  /** Ask what became of a key: an answer, {unknown}, or null when nobody could be asked. */
  async ask(key) {
    const answer = await fetch(`${this.outcome}?key=${encodeURIComponent(key)}`, { headers: { Accept: "application/json" } });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    const told = isJson ? await answer.json() : null;
    if (told && (told.ack || told.unknown)) return told;
    return told?.refused === key ? told : null; // a refusal of the question itself names no key
  }

  async byForm(confirm) {
    const body = new FormData(this.form);
    if (confirm) body.set("confirm", "1");
    this.sent.add(body.get("key"));
    const answer = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const told = await answer.json();
      if (isUnknown(told)) throw new Error("unknown");
      return told;
    }
    if (answer.status >= 500) throw new Error(String(answer.status));
    this.form.submit();
    return null;
  }
}

/** Tell whether an answer leaves it open what became of the bid: then the same key is asked after, or sent again. */
function isUnknown(answer) {
  return "unknown" in answer || UNSURE.has(answer.code);
}
