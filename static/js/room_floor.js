/** The room on the page: holds the state, takes what happens, and lets price, clock, list, chart and voice show it. */
import { timeOfDay } from "./clock.js";
import { yuan } from "./money.js";
import { Chart } from "./room_chart.js";
import { RoomClock } from "./room_clock.js";
import { Ladder, TurnList } from "./room_ladder.js";
import { ofBid, standing } from "./room_says.js";
import { after, isHidden, isLeading, isOver, isUp, lockOf, nextLegal, renew, turnAt } from "./room_state.js";
import { Sound, Voice } from "./room_voice.js";
import { flash, kept, labelOf, phaseMark, set } from "./room_words.js";

export class Floor {
  /** `root` is the room's element, `state` from begin(), `now()` the server's time in ms, `ask(all)` reads what is missing. */
  constructor(root, { state, word, now, ask = () => {}, quiet = false }) {
    Object.assign(this, { root, state, word, now, ask, quiet });
    this.part = (name) => root.querySelector(`[data-room-${name}]`);
    this.words = document.getElementById("room-words");
    this.voice = new Voice({
      polite: this.part("polite"), assertive: this.part("assertive"), list: this.part("announcements"),
      mode: () => (quiet ? "off" : (root.querySelector("[name=announce]:checked")?.value ?? "all")),
      time: () => timeOfDay(now()), sound: new Sound(() => Boolean(this.part("sound")?.checked)),
    });
    const { part, voice } = this;
    this.clock = new RoomClock({ part, word, voice });
    this.ladder = new Ladder({ body: part("ladder"), word });
    this.turns = new TurnList({ part, word });
    this.chart = new Chart({ box: part("line"), words: part("line-words"), word });
    this.settings();
  }

  /** Sound and keys are this reader's choice, kept on this device: sound off, the key on, until somebody says otherwise. */
  settings() {
    if (!this.part("quiet")) return;
    this.part("quiet").hidden = false;
    for (const [name, usual] of [["sound", "0"], ["keys", "1"]]) {
      const box = this.part(name);
      box.checked = (kept(name) ?? usual) === "1";
      box.addEventListener("change", () => {
        kept(name, box.checked ? "1" : "0");
        if (name === "sound") this.voice.sound.play("taken");
      });
    }
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** B goes to the bid field; never while somebody types, chooses or holds another key. */
  key(event) {
    if (event.key.toLowerCase() !== "b" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!this.part("keys").checked || event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const form = this.part("bid");
    if (!form || form.hidden) return;
    event.preventDefault();
    const target = this.part("lock").disabled ? this.part("why") : form.elements.amount;
    target.focus();
    target.select?.();
  }

  use(form) {
    this.form = form;
  }

  start() {
    this.ladder.show(this.state);
    this.show();
    this.tick();
    this.timer = setInterval(() => this.tick(), 250);
  }

  stop() {
    clearInterval(this.timer);
  }

  /** Show a state as it stood at a moment: what a replay does at each of its steps. */
  put(state, now) {
    this.state = state;
    this.now = () => now;
    this.ladder.show(state);
    this.show();
    this.tick();
  }

  /* ---- what comes in ---- */

  /** Take an event; a gap before it is asked for first. */
  take(frame) {
    if (frame.n <= this.state.n) return;
    if (frame.n > this.state.n + 1) {
      this.ask(false);
      return;
    }
    const before = this.state;
    this.state = after(before, { now: Math.round(this.now()), ...frame });
    if (frame.e === "bid" && this.state.seq > before.seq) this.ladder.add(this.state.bids[0], this.state);
    if (frame.e === "void") this.ladder.show(this.state);
    this.tell(frame, before);
    this.show({ fresh: frame.e === "bid" || frame.e === "void" });
    // Which firms take part, what a bid that falls away leaves behind, and disclosed prices stand in the whole state only.
    if (["open", "disclosed", "award"].includes(frame.e) || (frame.e === "close" && before.mode === "rank")) this.ask(true);
  }

  renew(snapshot) {
    if (snapshot.n < this.state.n) return;
    const before = this.state;
    this.state = renew(before, snapshot);
    this.ladder.show(this.state);
    this.show({ fresh: this.state.seq > before.seq });
    if (isOver(this.state) && !isOver(before)) this.ended();
  }

  /** Take the firm's own standing in an auction that shows nothing else. */
  own({ rank, of, price }) {
    const before = this.state.standing;
    this.state = { ...this.state, standing: { rank, of }, mine: price ?? this.state.mine };
    this.show();
    if (!rank || before?.rank === rank || isOver(this.state)) return;
    const fell = before?.rank && rank > before.rank;
    this.voice.say(this.word(fell ? "rank_fell" : "rank_now", { rank, of }), { mine: true, loud: fell, topic: "rank", tone: fell ? "outbid" : "" });
  }

  /** Remember an own bid that was taken: where amounts are hidden nobody else tells it. */
  taken({ seq, amount_fen: price }) {
    if (this.state.mode !== "rank") return;
    const ownBids = [...this.state.ownBids, { seq, price }];
    const fill = (bid) => (bid.seq === seq ? { ...bid, price, label: this.state.own } : bid);
    this.state = { ...this.state, ownBids, mine: price, bids: this.state.bids.map(fill), points: this.state.points.map(fill) };
    this.ladder.show(this.state);
    this.show();
  }

  tell(frame, before) {
    const { state, word, voice } = this;
    const time = timeOfDay(state.ends);
    if (frame.e === "open") voice.say(word("opened", { price: yuan(state.ceiling) }), { mine: true, topic: "phase", tone: "turn" });
    if (frame.e === "bid" && state.seq > before.seq) {
      const [text, mine] = ofBid(state, before, frame, word);
      const lost = isLeading(before) && !isLeading(state);
      voice.say(text, { mine, loud: lost, tone: lost ? "outbid" : mine ? "taken" : "" });
    }
    if (frame.extended) voice.say(word("extended_said", { time }), { mine: true, topic: "end" });
    if (frame.e === "void") voice.say(word("voided_said", { seq: frame.seq }), { mine: true, topic: "void" });
    if (frame.e === "pause") voice.say(word("paused_said"), { mine: true, always: true, topic: "phase" });
    if (frame.e === "resume") voice.say(word("resumed", { time }), { mine: true, always: true, topic: "phase", tone: "turn" });
    if (frame.e === "prolong") voice.say(word("prolonged", { time }), { mine: true, always: true, topic: "end" });
    if (frame.e === "round") voice.say(word("round_said", { round: state.round }), { mine: true, topic: "turn" });
    if (frame.e === "award") voice.say(word("award"), { mine: true, topic: "phase" });
    if (isOver(state) && !isOver(before)) this.ended();
  }

  ended() {
    this.voice.say(standing(this.state, this.word, this.now())[0], { mine: true, always: true, topic: "phase", tone: "over" });
  }

  /* ---- what is shown ---- */

  tick() {
    const now = this.now();
    this.clock.show(this.state, now, { quiet: this.quiet });
    this.turns.show(this.state, now);
    if (this.state.mode === "turns") this.follow(now);
    const second = Math.floor(now / 1000);
    if (this.second !== second || this.drawn !== this.state) this.chart.show(this.state, now);
    [this.second, this.drawn] = [second, this.state];
  }

  /** A turn begins and ends by the clock, without an event. */
  follow(now) {
    const turn = turnAt(this.state, now)?.label ?? "";
    if (this.turn === turn) return;
    const isFirst = this.turn === undefined;
    this.turn = turn;
    this.show();
    if (!isFirst && turn && turn === this.state.own) this.voice.say(this.word("turn_own"), { mine: true, loud: true, topic: "turn", tone: "turn" });
  }

  show({ fresh = false } = {}) {
    const { part, state } = this;
    this.price();
    if (fresh) flash(part("price"));
    const [said, kind] = standing(state, this.word, this.now());
    if (state.status !== "scheduled") {
      set(part("standing"), said);
      part("standing").className = `room-standing ${kind}`.trim();
    }
    set(part("firms"), this.word("firms", { count: state.firms }));
    set(part("ready"), this.word("ready", { count: state.ready, firms: state.firms }));
    set(part("count"), this.word("count", { count: state.seq }));
    this.bid(fresh);
    const mark = phaseMark(this.words, state.status);
    if (mark && part("phase").textContent.trim() !== mark.textContent.trim()) part("phase").replaceChildren(mark);
    for (const one of this.root.querySelectorAll("[data-room-while]")) one.hidden = !one.dataset.roomWhile.split(" ").includes(state.status);
  }

  price() {
    const { part, state, word } = this;
    const hidden = isHidden(state);
    part("key-line").hidden = hidden;
    const rank = hidden && state.own ? (state.standing?.rank ?? 0) : null;
    if (part("rank")) part("rank").hidden = rank === null;
    part("price").hidden = rank !== null;
    if (rank !== null) {
      set(part("rank"), rank ? word("rank", { rank }) : word("rank_nothing"));
      set(part("price-label"), word("rank_label"));
      set(part("fall"), state.mine === null ? word("rank_no_bid") : word("rank_own", { price: yuan(state.mine) }));
    } else {
      const price = state.price ?? state.ceiling;
      for (const place of [part("price"), part("price-again")]) {
        const figure = place?.querySelector(".money")?.lastChild;
        if (figure && figure.textContent !== yuan(price)) figure.textContent = yuan(price);
      }
      set(part("price-label"), word(hidden ? "price_hidden" : state.price === null ? "price_none" : isOver(state) ? "price_final" : "price_now"));
      this.fall();
    }
    if (part("price-again") && rank) set(part("price-again"), word("rank", { rank }));
  }

  fall() {
    const { state, word } = this;
    if (state.price === null) {
      this.part("fall").replaceChildren();
      return;
    }
    const [main, small] = [document.createElement("span"), document.createElement("small")];
    const difference = Math.abs(state.ceiling - state.price);
    main.textContent = word("fall", { yuan: yuan(difference) });
    small.textContent = word("fall_share", { share: `${((100 * difference) / state.ceiling).toFixed(1)}%`, ceiling: yuan(state.ceiling) });
    this.part("fall").replaceChildren(main, small);
  }

  bid(fresh) {
    const { part, state, word } = this;
    const next = nextLegal(state);
    const figure = part("next")?.querySelector(".money")?.lastChild;
    if (figure && figure.textContent !== yuan(next)) figure.textContent = yuan(next);
    set(part("next-label"), word(next === state.ceiling ? "next_first" : state.mode === "open" ? "next_price" : "next_own"));
    if (isOver(state)) {
      this.form?.close();
      if (part("way-in")) part("way-in").hidden = true;
      return;
    }
    if (!this.form) return;
    if (fresh) this.form.freshen();
    this.form.offer(next, (isUp(state) ? 1 : -1) * state.step, state.ceiling);
    const reason = lockOf(state, this.now());
    this.form.lock(reason && word(reason, this.when()));
  }

  /** When the viewer's next turn is, for the words that say why it must wait. */
  when() {
    const { state } = this;
    const next = state.turns.find((turn) => turn.label === state.own && turn.from > this.now());
    const time = next ? this.word("turn_at", { time: timeOfDay(next.from) }) : "";
    return { own: labelOf(state.own, this.word), turn: time, opens: timeOfDay(state.opens) };
  }
}
