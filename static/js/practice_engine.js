/** The practice auction's engine: the rules of the live room, its three robots and its clock, wholly in this page. */
import { after, begin, isOver, nextLegal } from "./room_state.js";

export const OWN = "3号";
/* How a robot bids: the share of the start price that it never goes below, its pause between bids (ms), and from when on. */
const ROBOTS = [
  { label: "1号", least: [0.74, 0.8], pause: [3500, 7000], from: 0.02, steps: [1, 2] },
  { label: "2号", least: [0.7, 0.77], pause: [5000, 9000], from: 0.25, steps: [1, 1] },
  { label: "4号", least: [0.68, 0.75], pause: [2500, 4500], from: 0.75, steps: [1, 3] },
];

const between = ([low, high], random) => low + random() * (high - low);

export class Engine {
  /** `terms` as the page gives them (fen, seconds); `hear(frame)` gets each event; `words(code, values)` says a refusal. */
  constructor(terms, { hear, words, now = () => Date.now(), random = Math.random }) {
    Object.assign(this, { terms, hear, words, now, random });
    const opens = now();
    const ends = opens + terms.seconds * 1000;
    this.keys = new Map();
    this.state = begin({
      n: 0, h: "", now: opens, status: "scheduled", opens, ends, hard: ends + terms.window * terms.extensions * 1000, ceiling: terms.ceiling,
      step: terms.step, price: null, label: "", seq: 0, extensions: 0, firms: 4, robots: ROBOTS.map((one) => one.label), names: {}, bids: [],
      line: [], viewer: "public", near: terms.window * 1000,
    }, { own: OWN });
    this.robots = ROBOTS.map((one) => ({ ...one, limit: Math.round((between(one.least, random) * terms.ceiling) / terms.step) * terms.step }));
    this.mine = [];
  }

  start() {
    const opens = this.now();
    const ends = opens + this.terms.seconds * 1000;
    Object.assign(this.state, { opens, ends, hard: ends + this.terms.window * this.terms.extensions * 1000 });
    this.emit({ e: "open", ends });
    for (const robot of this.robots) robot.next = opens + Math.max(robot.from * this.terms.seconds * 1000, 1500) + between(robot.pause, this.random) * 0.5;
    this.timer = setInterval(() => this.tick(), 200);
  }

  stop() {
    clearInterval(this.timer);
  }

  emit(frame) {
    const told = { n: this.state.n + 1, h: "", t: this.now(), ...frame };
    this.state = after(this.state, told);
    this.hear(told);
  }

  tick() {
    const now = this.now();
    if (isOver(this.state)) return;
    if (now >= this.state.ends) {
      this.stop();
      this.emit({ e: this.state.seq ? "close" : "fail" });
      return;
    }
    for (const robot of this.robots) if (now >= robot.next) this.robot(robot, now);
  }

  robot(robot, now) {
    robot.next = now + between(robot.pause, this.random);
    if (this.state.label === robot.label) return;
    const steps = Math.floor(between([robot.steps[0], robot.steps[1] + 1], this.random));
    const least = nextLegal(this.state);
    const amount = this.state.price === null ? least - (steps - 1) * this.terms.step : Math.max(least - (steps - 1) * this.terms.step, Math.min(least, robot.limit));
    if (amount >= robot.limit) this.accept(robot.label, amount);
  }

  accept(label, fen) {
    const now = this.now();
    const { ends, hard, extensions, seq } = this.state;
    const wanted = Math.min(now + this.terms.window * 1000, hard);
    const moves = wanted > ends && extensions < this.terms.extensions;
    const moved = moves ? { ends: wanted, extended: true, extensions: extensions + 1 } : {};
    this.emit({ e: "bid", price: fen, label, seq: seq + 1, ...moved });
    return seq + 1;
  }

  /** Decide the person's bid by the rules of a live one; the same key is the same bid. */
  bid(key, fen, confirm) {
    const known = this.keys.get(key);
    if (known) return known;
    const refuse = (code, values = {}, field = null) => ({ refused: key, code, field, message: this.words(code, values) });
    const { state, terms } = this;
    if (state.status !== "open" || this.now() >= state.ends) return refuse("closed");
    if (fen === null) return refuse("amount", {}, "amount");
    if (state.label === OWN) return refuse("already_leading");
    if (fen > terms.ceiling) return refuse("above_ceiling", { fen: terms.ceiling }, "amount");
    const least = nextLegal(state);
    if (fen > least) return refuse("not_low_enough", { fen: least }, "amount");
    const price = state.price ?? terms.ceiling;
    const isSlip = fen * 100 < price * (100 - terms.confirm_percent);
    if (fen <= 0) return refuse("amount", {}, "amount");
    if (isSlip) this.asked = true;
    if (isSlip && !confirm) return { refused: key, code: "confirm_drop", field: "confirm", message: "" };
    const left = state.ends - this.now();
    const seq = this.accept(OWN, fen);
    this.mine.push({ fen, left, below: price - fen });
    const answer = { ack: key, seq, n: this.state.n, amount_fen: fen };
    this.keys.set(key, answer);
    return answer;
  }
}

/** Return the names of what a person could do better, most important first, from how the exercise went. */
export function advice(engine) {
  const { state, mine, terms } = engine;
  const won = state.label === OWN;
  const found = [];
  if (!mine.length) return ["never"];
  const last = mine.at(-1).fen;
  if (mine.some((bid) => bid.fen < terms.cost)) found.push("below_cost");
  if (!won && state.price - terms.step >= terms.cost) found.push("gave_up");
  if (!won && state.price - terms.step < terms.cost) found.push("right_to_stop");
  if (mine.some((bid) => bid.below > terms.step * 5)) found.push("big_step");
  if (mine.every((bid) => bid.left < 5000)) found.push("too_late");
  if (mine.length === 1 && won) found.push("once");
  if (engine.asked) found.push("asked");
  if (won && last >= terms.cost && !found.length) found.push("well");
  return found;
}
