/** The room's clock: what is left by the server's time, the bar under it, and the minutes that are said aloud. */
import { length, timeOfDay } from "./clock.js";
import { isOver, turnAt } from "./room_state.js";
import { nameOf, set } from "./room_words.js";

const MOMENTS = [600, 300, 60, 30, 10];
const DAY = 86400000;
const NEAR = 120000; // the last two minutes, where time presses

export class RoomClock {
  constructor({ part, word, voice }) {
    Object.assign(this, { part, word, voice });
    this.before = Infinity;
  }

  /** Show how a state stands at a moment (ms); `quiet` says nothing aloud. */
  show(state, now, { quiet = false } = {}) {
    const { part, word } = this;
    const target = state.status === "scheduled" ? state.opens : state.ends;
    const left = target - now;
    const over = isOver(state);
    set(part("now"), timeOfDay(now));
    set(part("clock-label"), word(this.label(state, left)));
    const place = part("left");
    const days = Math.floor(left / DAY);
    if (over) set(place, timeOfDay(state.ends));
    else if (state.status === "paused") set(place, word("paused_clock"));
    else set(place, days > 0 ? word("days", { days, hours: Math.floor((left % DAY) / 3600000) }) : length(left));
    place.dateTime = new Date(target).toISOString();
    const near = state.status === "open" && left < (state.near ?? NEAR);
    const bar = part("bar");
    for (const element of [part("clock"), bar]) element.classList.toggle("is-near", near);
    bar.max = Math.max(1, (state.ends - state.opens) / 1000);
    if (state.status !== "paused") bar.value = state.status === "open" ? Math.max(0, left / 1000) : 0;
    this.extended(state);
    this.turn(state, now);
    this.preview(state, now);
    if (state.status === "open" && !quiet) this.warn(left / 1000);
  }

  label(state, left) {
    if (isOver(state)) return "ended";
    if (state.status === "paused") return "paused_label";
    if (state.status === "scheduled") return "until";
    return left > 0 ? "left" : "closing";
  }

  /** Before the start: how far this device's clock is from the one that counts. */
  preview(state, now) {
    const place = this.part("drift");
    if (!place || state.status !== "scheduled") return;
    const drift = Math.round((now - Date.now()) / 1000);
    place.hidden = false;
    set(place, this.word(drift ? (drift > 0 ? "drift_slow" : "drift_fast") : "drift_none", { count: Math.abs(drift) }));
  }

  extended(state) {
    const clock = this.part("clock");
    clock.classList.toggle("is-extended", state.extensions > 0);
    if (!state.extensions) return;
    const text = this.word("extended", { time: timeOfDay(state.ends), count: state.extensions });
    if (clock.dataset.extended !== text) clock.dataset.extended = text;
  }

  /** Whose turn it is and how long; beside the form too, where a phone shows nothing else. */
  turn(state, now) {
    if (state.mode !== "turns") return;
    const text = state.status === "open" ? this.turnWords(state, now) : "";
    set(this.part("turn-left"), text);
    const again = this.part("turn-again");
    if (again) again.hidden = !text;
    set(again, text);
  }

  turnWords(state, now) {
    const turn = turnAt(state, now);
    const next = turn ?? state.turns.find((one) => one.from > now);
    if (!next) return "";
    if (!turn) return this.word("turn_next", { name: nameOf(next.label, state, this.word), left: length(next.from - now) });
    if (turn.label === state.own) return this.word("turn_left_own", { left: length(turn.to - now) });
    return this.word("turn_left", { name: nameOf(turn.label, state, this.word), left: length(turn.to - now) });
  }

  warn(seconds) {
    const passed = MOMENTS.find((moment) => seconds <= moment && this.before > moment && this.before !== Infinity);
    this.before = seconds;
    if (!passed) return;
    const text = passed >= 60 ? this.word("remaining_minutes", { count: passed / 60 }) : this.word("remaining_seconds", { count: passed });
    this.voice.say(text, { mine: true, written: false, topic: "clock", tone: passed <= 60 ? "near" : "" });
  }
}
