/** The replay of a finished auction: the same events through the same rules, step by step, as the viewer may see them. */
import { timeOfDay } from "./clock.js";
import { yuan } from "./money.js";
import { Floor } from "./room_floor.js";
import { after, begin } from "./room_state.js";
import { make, nameOf, set, wordsOf } from "./room_words.js";

const { snapshot, own, history, bids } = JSON.parse(document.getElementById("replay-state").textContent);
const word = wordsOf(document.getElementById("room-words"), { up: snapshot.direction === "up" });
const say = wordsOf(document.getElementById("replay-words"));
const root = document.querySelector("[data-room]");
const part = (name) => document.querySelector(`[data-replay-${name}]`);
const SAID = { pause: "paused", round: "round_began" };

/** Build every state beforehand: going back is as exact as going on. */
function states() {
  const known = new Map(bids.map((bid) => [bid.seq, bid]));
  const opened = history.find((frame) => frame.e === "open");
  const moved = history.find((frame) => frame.extended || frame.e === "resume" || frame.e === "prolong");
  const start = begin({
    ...snapshot, mode: snapshot.mode === "rank" ? "open" : snapshot.mode, status: "scheduled", price: null, label: "", seq: 0,
    bids: [], line: [], extensions: 0, round: 0, turns: [], ends: opened?.ends ?? (moved ? snapshot.opens : snapshot.ends), n: 0,
  }, { own });
  const all = [{ state: start, frame: null, t: snapshot.opens - 1000 }];
  for (const frame of frames(known, opened)) {
    const before = all.at(-1).state;
    const state = after(before, frame);
    all.push({ state: frame.e === "close" ? { ...state, ends: frame.ends ?? snapshot.ends } : state, frame, t: frame.t });
  }
  return all;
}

/** Give hidden bids their disclosed amounts; where the history was cut, let the bids stand for what is missing. */
function frames(known, opened) {
  const heard = history.map((frame) => (frame.e === "bid" ? { ...known.get(frame.seq), ...frame } : frame));
  const seen = new Set(heard.filter((frame) => frame.e === "bid").map((frame) => frame.seq));
  const missing = bids.filter((bid) => !seen.has(bid.seq)).map((bid) => ({ ...bid, e: "bid" }));
  const first = opened ? [] : [{ e: "open", t: snapshot.opens, ends: snapshot.ends }];
  return [...first, ...missing, ...heard].map((frame, place) => ({ ...frame, n: place + 1 })).sort((one, other) => one.t - other.t || one.n - other.n);
}

const steps = states();
const floor = new Floor(root, { state: steps[0].state, word, now: () => steps[0].t, quiet: true });
const slider = part("slider");
slider.max = String(steps.length - 1);
part("then").hidden = false;
part("needs").hidden = true;
document.querySelector("[data-replay]").hidden = false;
let timer = null;

function what({ state, frame }) {
  if (!frame) return say("before");
  const ends = timeOfDay(state.ends);
  const values = { seq: frame.seq, round: frame.round, ends, price: frame.price ? yuan(frame.price) : "", name: frame.label ? nameOf(frame.label, state, word) : "" };
  return say(SAID[frame.e] ?? frame.e, values) + (frame.extended ? say("extended", { ends }) : "");
}

/** Show a step; what happened until then stands in the list, newest first. */
function show(at) {
  const step = steps[at];
  slider.value = String(at);
  const text = say("step", { at, of: steps.length - 1, time: timeOfDay(step.t), what: what(step) });
  slider.setAttribute("aria-valuetext", text);
  set(part("step"), text);
  floor.put({ ...step.state, bids: [...step.state.points].reverse() }, step.t);
  part("back").disabled = at === 0;
  part("on").disabled = at === steps.length - 1;
  const told = steps.slice(Math.max(1, at - 29), at + 1).reverse();
  floor.part("announcements").replaceChildren(...told.map((one) => make("li", {}, make("time", { text: timeOfDay(one.t) }), what(one))));
  set(part("play"), say(timer ? "pause" : at === steps.length - 1 ? "again" : "play"));
}

const at = () => Number(slider.value);

function stop() {
  clearTimeout(timer);
  timer = null;
}

function go() {
  timer = setTimeout(() => {
    if (at() + 1 >= steps.length - 1) stop();
    else go();
    show(Math.min(at() + 1, steps.length - 1));
  }, Number(part("speed").value));
}

part("play").addEventListener("click", () => {
  if (timer) {
    stop();
    show(at());
    return;
  }
  go();
  show(at() === steps.length - 1 ? 0 : at());
});
for (const [name, by] of [["back", -1], ["on", 1]]) part(name).addEventListener("click", () => { stop(); show(Math.min(Math.max(at() + by, 0), steps.length - 1)); });
slider.addEventListener("input", () => { stop(); show(at()); });
part("speed").addEventListener("change", () => { if (timer) { stop(); go(); } });
show(steps.length - 1);
