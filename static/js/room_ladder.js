/** The list of bids, newest first, and the list of a round's turns. */
import { timeOfDay } from "./clock.js";
import { isHidden } from "./room_state.js";
import { flash, make, money, nameOf, tag } from "./room_words.js";

const ROWS = 60;

export class Ladder {
  constructor({ body, word }) {
    Object.assign(this, { body, word });
  }

  show(state) {
    if (!state.bids.length) this.body.replaceChildren(this.nothing());
    else this.body.replaceChildren(...state.bids.map((bid) => this.row(bid, state)));
  }

  nothing() {
    const cell = make("td", { colspan: "4", class: "muted", text: this.word("no_bids") });
    return make("tr", { class: "room-row", "data-room-nothing": "" }, cell);
  }

  add(bid, state) {
    this.body.querySelector("[data-room-nothing]")?.remove();
    const line = this.row(bid, state);
    this.body.prepend(line);
    flash(line);
    while (this.body.children.length > ROWS) this.body.lastElementChild.remove();
  }

  row(bid, state) {
    const isOwn = Boolean(state.own) && bid.label === state.own;
    const name = make("span", { class: `masked${isOwn ? " is-own" : ""}` }, this.name(bid, state));
    if (isOwn) name.append(" ", tag("own", this.word("you")));
    if (bid.kind === "initial" || bid.kind === "auto") name.append(" ", make("small", { class: "muted", text: this.word(`kind_${bid.kind}`) }));
    if (bid.voided) name.append(" ", tag("danger", this.word("voided")));
    const price = bid.price === null ? make("span", { class: "muted", text: this.word("hidden_price") }) : money(bid.price);
    const time = make("time", { datetime: new Date(bid.t).toISOString(), text: timeOfDay(bid.t) });
    const classes = ["", "", "number", "number is-extra"];
    const cells = [String(bid.seq), name, price, time].map((content, place) => make("td", { class: classes[place] }, content));
    const kinds = [isOwn && "is-own", bid.voided && "is-void"].filter(Boolean).join(" ");
    return make("tr", { class: `room-row ${kinds}`.trim(), "data-seq": bid.seq }, ...cells);
  }

  name(bid, state) {
    if (!bid.label) return isHidden(state) ? this.word("hidden_name") : "";
    return nameOf(bid.label, state, this.word);
  }
}

/** The turns of the round: who, from when to when, and where we are, in words and by a mark. */
export class TurnList {
  constructor({ part, word }) {
    Object.assign(this, { part, word });
  }

  show(state, now) {
    const box = this.part("turns");
    if (!box) return;
    box.hidden = state.mode !== "turns";
    if (box.hidden) return;
    const shown = JSON.stringify([state.round, state.status, state.turns.map((turn) => [turn.label, turn.from, phase(turn, now)])]);
    if (this.shown === shown) return;
    this.shown = shown;
    this.part("round").textContent = state.round ? this.word("round", { round: state.round }) : this.word("round_none");
    this.part("turn-list").replaceChildren(...state.turns.map((turn) => this.turn(turn, state, phase(turn, now))));
  }

  turn(turn, state, when) {
    const isOwn = turn.label === state.own && Boolean(state.own);
    const who = make("span", { class: "room-turn-who", text: nameOf(turn.label, state, this.word) });
    if (isOwn) who.append(" ", tag("own", this.word("you")));
    const times = make("span", { class: "room-turn-time", text: `${timeOfDay(turn.from)}–${timeOfDay(turn.to)}` });
    const line = make("li", { class: `room-turn is-${when}${isOwn ? " is-own" : ""}` }, who, times, make("span", { class: "room-turn-when", text: this.word(`turn_${when}`) }));
    if (when === "now") line.setAttribute("aria-current", "step");
    return line;
  }
}

function phase(turn, now) {
  return now >= turn.to ? "past" : now >= turn.from ? "now" : "later";
}
