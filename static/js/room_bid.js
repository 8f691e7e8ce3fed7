/** The bid form with an answer on the spot: by the socket, else by asking, else by the same form over HTTP, all with one key. */
import { capitals, fenOf, yuan } from "./money.js";

const PATIENCE = 4000;
const OF_THE_PRICE = new Set(["not_low_enough", "already_leading", "no_lower_bid"]); // true only while the price stands

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class BidForm {
  constructor(form, { line, outcome, word, room }) {
    Object.assign(this, { form, line, outcome, word, room });
    this.find = (name) => form.querySelector(`[data-room-${name}]`);
    this.input = form.elements.amount;
    this.waiting = null;
    this.isStale = Boolean(this.find("field-error").firstElementChild); // the page came back with a refusal
    this.input.addEventListener("input", () => this.read());
    form.addEventListener("submit", (event) => this.submit(event));
    this.read();
  }

  read() {
    const fen = fenOf(this.input.value);
    this.find("capitals").textContent = fen ? capitals(fen) : "";
  }

  /** Offer the next legal amounts at one press; they fill the field and bid nothing. */
  offer(next, step) {
    const steps = this.find("steps");
    const amounts = [next, next - step, next - 4 * step].filter((fen) => fen > 0);
    steps.hidden = !amounts.length;
    if (steps.children.length !== amounts.length) {
      steps.replaceChildren(...amounts.map(() => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button button-quiet button-small";
        button.addEventListener("click", () => {
          this.input.value = yuan(Number(button.value));
          this.read();
          this.input.focus();
        });
        return button;
      }));
    }
    amounts.forEach((fen, index) => {
      const button = steps.children[index];
      button.value = String(fen);
      button.textContent = this.word("lower", { price: yuan(fen) });
    });
  }

  /** The price has changed: take back what was said of the old one. */
  freshen() {
    if (this.busy || !this.isStale) return;
    this.isStale = false;
    this.clear();
    this.say("");
  }

  /** While the lowest bid is one's own there is nothing to send; the words stand where the field had the focus. */
  lock(leading) {
    this.leading = leading;
    const controls = this.find("lock");
    if (this.busy || controls.disabled === leading) return;
    const why = this.find("why");
    const isHere = controls.contains(document.activeElement) || why === document.activeElement;
    why.hidden = !leading;
    controls.disabled = leading;
    if (isHere) (leading ? why : this.input).focus({ preventScroll: true });
  }

  close() {
    for (const control of this.form.elements) control.disabled = true;
    for (const child of this.form.children) child.hidden = child !== this.find("answer"); // the last answer stays
    this.form.hidden = !this.find("answer").textContent;
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy) return;
    const fen = fenOf(this.input.value);
    const key = this.form.elements.key.value;
    this.clear();
    this.open = null;
    this.say(this.word("sending"));
    this.busy = true;
    this.find("button").setAttribute("aria-busy", "true");
    try {
      const answer = (fen && (await this.bySocket(key, fen))) || (await this.byAsking(key, fen)) || (await this.byForm());
      if (answer) this.take(answer);
    } catch {
      this.say(this.word("lost"), "is-refused"); // same key again: a repeat changes nothing
      this.open = key;
    } finally {
      this.busy = false;
      this.find("button").removeAttribute("aria-busy");
      this.lock(this.leading ?? false);
    }
  }

  bySocket(key, fen) {
    if (!this.line.live) return null;
    const confirm = this.form.elements.confirm.checked;
    if (!this.line.send({ bid: { key, amount_fen: fen, confirm } })) return null;
    this.sent = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), PATIENCE);
      this.waiting = { key, done: (answer) => { clearTimeout(timer); resolve(answer); } };
    });
  }

  /** Take the socket's answer to the submit that waits. */
  hear(message) {
    const key = message.ack ?? message.refused;
    if (this.waiting?.key === key) {
      this.waiting.done(message);
      this.waiting = null;
    }
  }

  /** Without an answer: ask what became of the key before anything is sent again. */
  async byAsking(key, fen) {
    if (!this.sent || !fen) return null;
    this.say(this.word("unsure"));
    const answer = await fetch(`${this.outcome}?key=${encodeURIComponent(key)}`, { headers: { Accept: "application/json" } });
    const told = answer.ok ? await answer.json() : {};
    return told.ack ? told : null;
  }

  /** The line is back: say what became of the submit that had no answer. */
  async settle() {
    const key = this.open;
    if (!key) return;
    const answer = await fetch(`${this.outcome}?key=${encodeURIComponent(key)}`, { headers: { Accept: "application/json" } });
    const told = answer.ok ? await answer.json() : {};
    if (this.busy || this.open !== key) return;
    this.open = null;
    if (told.ack) this.take(told);
    else this.say(this.word("unsent"), "is-refused");
  }

  async byForm() {
    const answer = await fetch(this.form.action, {
      method: "POST", body: new FormData(this.form), headers: { Accept: "application/json" },
    });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) return answer.json();
    this.form.submit();
    return null;
  }

  take(answer) {
    this.sent = false;
    this.isStale = OF_THE_PRICE.has(answer.code);
    if (answer.ack) {
      this.say(this.word("taken", { price: yuan(answer.amount_fen), seq: answer.seq }), "is-taken");
      this.form.elements.key.value = newKey();
      this.input.value = "";
      this.form.elements.confirm.checked = false;
      this.find("confirm").hidden = true;
      this.read();
      return;
    }
    if (answer.code === "key_reused") this.form.elements.key.value = newKey();
    if (answer.field === "amount") {
      this.input.setAttribute("aria-invalid", "true");
      this.complain("field-error", answer.message);
      this.input.focus();
      this.say("");
    } else if (answer.field === "confirm") {
      this.find("confirm").hidden = false;
      this.complain("confirm-error", answer.message);
      this.form.elements.confirm.focus();
      this.say("");
    } else this.say(answer.message, "is-refused");
  }

  complain(place, text) {
    const error = document.createElement("p");
    error.className = "field-error";
    error.textContent = text;
    error.setAttribute("role", "alert");
    this.find(place).replaceChildren(error);
  }

  clear() {
    this.input.removeAttribute("aria-invalid");
    this.find("field-error").replaceChildren();
    this.find("confirm-error").replaceChildren();
  }

  say(text, state = "") {
    const answer = this.find("answer");
    answer.textContent = text;
    answer.className = `room-bid-answer ${state}`.trim();
  }
}
