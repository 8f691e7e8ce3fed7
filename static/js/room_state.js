/** What a room knows and how an event changes it. No page in it: live room, replay and practice go by the same rules. */
const ROWS = 60;
const POINTS = 2000;

export const isOver = (state) => state.status === "closed" || state.status === "failed";
export const isUp = (state) => state.direction === "up";
export const isHidden = (state) => state.mode === "rank" && !isOver(state) && state.viewer !== "staff";
export const isLeading = (state) => Boolean(state.own) && state.label === state.own;

/** Tell whether an amount is better than another, or than none. */
export function isBetter(state, fen, than) {
  return than === null || than === undefined || (isUp(state) ? fen > than : fen < than);
}

/** Fill in what an older server does not say, and take the viewer's own label, standing price and bids. */
export function begin(snapshot, { own = "", mine = null, ownBids = [], standing = null } = {}) {
  const state = {
    mode: "open", direction: "down", leader_may_improve: false, round: 0, turns: [], ...snapshot,
    own, mine, ownBids, standing, marks: [],
  };
  state.bids = state.bids.map((bid) => withOwn(state, bid));
  state.points = [...state.bids].reverse();
  return state;
}

/** Give a bid of a hidden auction its amount back when it is the viewer's own. */
export function withOwn(state, bid) {
  if (bid.price !== undefined && bid.price !== null) return bid;
  const mine = state.ownBids.find((one) => one.seq === bid.seq);
  return mine ? { ...bid, ...mine, label: state.own } : { ...bid, price: null, label: "" };
}

/** Replace the state by a newer snapshot and keep what only this page remembers. */
export function renew(state, snapshot) {
  const next = { ...begin(snapshot, state), marks: state.marks };
  const known = new Map([...state.points, ...next.points].map((point) => [point.seq, point]));
  next.points = [...known.values()].sort((one, other) => one.seq - other.seq).slice(-POINTS);
  if (!isHidden(next)) next.mine = ownPrice(next) ?? state.mine;
  return next;
}

function ownPrice(state) {
  return state.own ? (state.bids.find((bid) => bid.label === state.own && !bid.voided)?.price ?? null) : null;
}

/** Return the least amount that counts next: over the best bid, or where each betters its own, over one's own. */
export function nextLegal(state) {
  const over = state.mode === "open" ? state.price : state.mine;
  if (over === null || over === undefined) return state.ceiling;
  return Math.max(over + (isUp(state) ? 1 : -1) * state.step, 0);
}

export function turnAt(state, now) {
  return state.turns.find((turn) => turn.from <= now && now < turn.to) ?? null;
}

/** Say by a word's name why nothing may be sent now, or nothing. */
export function lockOf(state, now) {
  if (state.status === "paused") return "why_paused";
  if (state.status === "scheduled") return "why_scheduled";
  if (state.mode === "turns") return turnAt(state, now)?.label === state.own ? "" : "why_turn";
  return state.mode === "open" && isLeading(state) && !state.leader_may_improve ? "why_leading" : "";
}

const STATUS = { open: "open", pause: "paused", resume: "open", close: "closed", fail: "failed", cancel: "failed" };

/** Return the state after an event. An event that is known already changes nothing but the number. */
export function after(state, frame) {
  const next = { ...state, n: frame.n ?? state.n, h: frame.h ?? state.h };
  if (frame.ends) next.ends = Math.max(frame.e === "open" ? 0 : state.ends, frame.ends);
  if (frame.hard) next.hard = frame.hard;
  if (frame.firms !== undefined) next.firms = frame.firms;
  if (frame.ready !== undefined) next.ready = frame.ready;
  if (STATUS[frame.e] && !isOver(state)) Object.assign(next, { status: STATUS[frame.e], reason: frame.reason ?? "" });
  if (frame.turns) next.turns = frame.turns;
  if (frame.round) next.round = frame.round;
  if (frame.extended) next.extensions = frame.extensions;
  if (frame.e === "bid" && frame.seq > state.seq) bid(next, frame);
  if (frame.e === "void") take(next, frame);
  note(next, state, frame);
  return next;
}

function bid(next, frame) {
  const t = frame.t ?? frame.now;
  const entry = withOwn(next, { seq: frame.seq, label: frame.label, price: frame.price, t, kind: frame.kind });
  next.seq = frame.seq;
  next.bids = [entry, ...next.bids].slice(0, ROWS);
  next.points = [...next.points, entry].slice(-POINTS);
  if (entry.label && entry.label === next.own) next.mine = entry.price;
  if (entry.price !== null && !isHidden(next) && isBetter(next, entry.price, next.price)) {
    Object.assign(next, { price: entry.price, label: entry.label });
  }
}

/** A bid no longer counts: it stays in the list, struck through, and the standing is what the frame says. */
function take(next, frame) {
  const strike = (entry) => (entry.seq === frame.seq ? { ...entry, voided: true } : entry);
  next.bids = next.bids.map(strike);
  next.points = next.points.map(strike);
  if (isHidden(next)) return;
  Object.assign(next, { price: frame.price ?? null, label: frame.label ?? "" });
  next.mine = ownPrice(next);
}

/** Remember what a chart marks on its line of time: a moved end, a pause, the other days of an auction. */
function note(next, state, frame) {
  const known = ["pause", "resume", "prolong", "open", "close", "fail"].includes(frame.e);
  if (!known && !frame.extended) return;
  const mark = { e: frame.extended ? "extended" : frame.e, t: frame.t ?? frame.now, before: state.ends, ends: next.ends };
  next.marks = [...state.marks, mark];
}

/** Fill marks and points from the events so far; the standing stays the snapshot's. */
export function recall(state, history) {
  let past = { ...state, seq: 0, bids: [], points: [], marks: [], status: "scheduled", price: null, label: "" };
  for (const frame of history) past = after(past, frame);
  const known = new Map([...past.points, ...state.points].map((point) => [point.seq, point]));
  return { ...state, marks: past.marks, points: [...known.values()].sort((one, other) => one.seq - other.seq) };
}
