/** The bid form with an answer on the spot: the next legal price filled in, a confirmation where it may be a slip, one key per bid. */
import { capitals, fenOf, yuan } from "./money.js";

const OF_THE_PRICE = new Set(["not_low_enough", "not_high_enough", "already_leading", "no_lower_bid"]); // true only while the price stands
const SETTLE = 900; // milliseconds in which an amount that changed by itself is not sent by a press that was on its way

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class BidForm {
  /** `channel.bid(key, fen, confirm, unsure)` gives the answer; `channel.ask(key)` says what became of a bid without one. */
  constructor(form, { channel, word, taken = () => {} }) {
    Object.assign(this, { form, channel, word, taken });
    this.find = (name) => form.querySelector(`[data-room-${name}]`);
    this.input = form.elements.amount;
    this.isStale = Boolean(this.find("field-error").firstElementChild); // the page came back with a refusal
    this.isOwn = this.isStale || !("auto" in this.input.dataset); // what a person typed is never replaced
    this.input.addEventListener("input", () => { this.isOwn = this.input.value !== ""; this.read(); this.dismiss(); });
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("keydown", (event) => this.key(event));
    this.find("confirm-yes").addEventListener("click", () => this.send(true));
    this.find("confirm-no").addEventListener("click", () => this.cancel());
    if (!this.find("confirm").hidden) this.ask();
    this.read();
  }

  read() {
    const fen = fenOf(this.input.value);
    this.find("capitals").textContent = fen ? capitals(fen) : "";
  }

  fill(fen) {
    const text = yuan(fen);
    if (this.isOwn || this.busy || this.input.value === text) return;
    if (this.input.value) this.changed = performance.now();
    this.input.value = text;
    this.read();
  }

  /** Fill the field with the next legal amount and offer larger steps at one press; nothing is sent by it. */
  offer(next, step, ceiling) {
    this.fill(next);
    const steps = this.find("steps");
    const amounts = [next, next + step, next + 4 * step].filter((fen) => fen > 0 && (step > 0 || fen <= ceiling));
    steps.hidden = amounts.length < 2;
    if (steps.children.length !== amounts.length) steps.replaceChildren(...amounts.map(() => this.step()));
    amounts.forEach((fen, index) => {
      const button = steps.children[index];
      button.value = String(fen);
      const text = this.word("lower", { price: yuan(fen) });
      if (button.textContent !== text) button.textContent = text;
    });
  }

  step() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet button-small";
    button.addEventListener("click", () => {
      this.input.value = yuan(Number(button.value));
      this.isOwn = true;
      this.read();
      this.dismiss();
      this.input.focus();
    });
    return button;
  }

  /** The price has changed: take back what was said of the old one. */
  freshen() {
    if (this.busy || !this.isStale) return;
    this.isStale = false;
    this.clear();
    this.say("");
  }

  /** Close the form with the reason, or open it without one; the words stand where the field had the focus. */
  lock(reason) {
    this.reason = reason;
    const [controls, why] = [this.find("lock"), this.find("why")];
    if (this.busy) return;
    if (reason && why.textContent !== reason) why.textContent = reason;
    if (controls.disabled === Boolean(reason)) return;
    const isHere = controls.contains(document.activeElement) || why === document.activeElement;
    why.hidden = !reason;
    controls.disabled = Boolean(reason);
    if (isHere) (reason ? why : this.input).focus({ preventScroll: true });
  }

  close() {
    for (const control of this.form.elements) control.disabled = true;
    for (const child of this.form.children) child.hidden = child !== this.find("answer"); // the last answer stays
    this.form.hidden = !this.find("answer").textContent;
  }

  /** Take bids again after close(): another exercise in the same page. */
  reopen() {
    this.form.hidden = false;
    this.reason = "";
    for (const control of this.form.elements) control.disabled = false;
    for (const child of this.form.children) child.hidden = child === this.find("why");
    Object.assign(this, { isOwn: false, isStale: false, changed: 0 });
    this.form.elements.key.value = newKey();
    this.input.value = "";
    this.clear();
    this.say("");
    this.read();
  }

  key(event) {
    if (event.key === "Escape" && !this.find("confirm").hidden) {
      event.preventDefault();
      this.cancel();
    }
  }

  submit(event) {
    event.preventDefault();
    if (this.busy) return;
    if (!this.isOwn && this.changed && performance.now() - this.changed < SETTLE) {
      this.say(this.word("just_changed", { price: this.input.value }), "is-refused");
      return;
    }
    this.send(false);
  }

  async send(confirm) {
    if (this.busy) return;
    const fen = fenOf(this.input.value);
    const key = this.form.elements.key.value;
    this.clear();
    this.open = null;
    this.say(this.word("sending"));
    this.busy = true;
    this.find("button").setAttribute("aria-busy", "true");
    try {
      const answer = await this.channel.bid(key, fen, confirm, () => this.say(this.word("unsure")));
      if (answer) this.take(answer);
    } catch {
      this.say(this.word("lost"), "is-refused"); // same key again: a repeat changes nothing
      this.open = key;
    } finally {
      this.busy = false;
      this.find("button").removeAttribute("aria-busy");
      this.lock(this.reason ?? "");
    }
  }

  /** The line is back: say what became of the bid that had no answer. */
  async settle() {
    const key = this.open;
    if (!key) return;
    const told = await this.channel.ask(key);
    if (!told || this.busy || this.open !== key) return;
    this.open = null;
    if (told.unknown) this.say(this.word("unsent"), "is-refused");
    else this.take(told);
  }

  take(answer) {
    this.isStale = OF_THE_PRICE.has(answer.code);
    if (answer.ack) {
      this.say(this.word("taken", { price: yuan(answer.amount_fen), seq: answer.seq }), "is-taken");
      this.form.elements.key.value = newKey();
      this.input.value = "";
      this.isOwn = false;
      this.changed = 0;
      this.read();
      this.taken(answer);
      return;
    }
    if (answer.code === "key_reused") this.form.elements.key.value = newKey();
    if (answer.field === "amount") {
      this.input.setAttribute("aria-invalid", "true");
      this.complain("field-error", answer.message);
      this.input.focus();
      this.say("");
    } else if (answer.field === "confirm") {
      this.ask(); // in words of its own: the server's sentence speaks of the box to tick
      this.say("");
    } else this.say(answer.message, "is-refused");
    // A refusal is kept with its key: whatever is sent next is another bid. A question is no answer.
    if (answer.refused && answer.field !== "confirm") this.form.elements.key.value = newKey();
  }

  /** Ask whether the amount is meant: two buttons instead of the box to tick, Escape says no. */
  ask() {
    this.find("confirm").hidden = false;
    this.find("confirm-tick").hidden = true;
    this.find("confirm-buttons").hidden = false;
    const fen = fenOf(this.input.value) ?? 0;
    this.complain("confirm-error", this.word("confirm_sure", { price: yuan(fen), capitals: capitals(fen) }));
    this.find("confirm-yes").textContent = this.word("confirm_yes", { price: yuan(fen) });
    this.find("confirm-yes").focus();
  }

  cancel() {
    this.dismiss();
    this.say(this.word("cancelled"));
    this.input.focus();
  }

  dismiss() {
    this.find("confirm").hidden = true;
    this.find("confirm-error").replaceChildren();
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
    this.dismiss();
  }

  say(text, state = "") {
    const answer = this.find("answer");
    answer.textContent = text;
    answer.className = `room-bid-answer ${state}`.trim();
  }
}
