/** The sentences that say how things stand, by mode, direction and viewer. */
import { yuan } from "./money.js";
import { isHidden, isLeading, turnAt } from "./room_state.js";
import { labelOf, nameOf } from "./room_words.js";

/** Return the sentence of the standing and the kind of its box. */
export function standing(state, word, now) {
  const price = state.price === null ? "" : yuan(state.price);
  const name = state.label ? nameOf(state.label, state, word) : "";
  if (state.status === "failed") return [word("failed"), "is-closed"];
  if (state.status === "closed") return [isLeading(state) ? word("closed_own") : word("closed", { price, name }), "is-closed"];
  if (state.status === "paused") return [state.reason ? word("paused_why", { reason: state.reason }) : word("paused"), "is-behind"];
  if (isHidden(state)) return ofRank(state, word);
  if (state.mode === "turns") return ofTurn(state, word, now);
  if (isLeading(state)) return [word("leading"), "is-leading"];
  if (state.mine !== null) return [behind(state, word), "is-behind"];
  if (state.own) return [word("not_yet", { own: labelOf(state.own, word) }), ""];
  return [state.label ? word("leads", { name }) : word("waiting"), ""];
}

function behind(state, word) {
  return word("behind", { price: yuan(state.mine), behind: yuan(Math.abs(state.mine - state.price)) });
}

function ofRank(state, word) {
  if (!state.own) return [word("rank_watch", { count: state.seq }), ""];
  const { rank, of } = state.standing ?? {};
  if (!rank) return [word("rank_none"), ""];
  return [rank === 1 ? word("rank_first", { of }) : word("rank_at", { rank, of }), rank === 1 ? "is-leading" : "is-behind"];
}

function ofTurn(state, word, now) {
  const turn = turnAt(state, now);
  const best = isLeading(state) ? word("leading") : state.label ? word("leads", { name: nameOf(state.label, state, word) }) : "";
  const whose = !turn ? word("turn_pause") : turn.label === state.own ? word("turn_own") : word("turn_of", { name: nameOf(turn.label, state, word) });
  return [`${whose}${best}`, turn && turn.label === state.own ? "is-leading" : isLeading(state) ? "is-leading" : ""];
}

/** Return what a bid is announced with: the sentence, and whether it concerns the viewer so much that it is said at once. */
export function ofBid(state, before, frame, word) {
  if (isHidden(state)) return [word("rank_bid", { seq: frame.seq }), false];
  const price = yuan(frame.price);
  if (frame.label === state.own && state.own) return [word("bid_own", { price }), true];
  if (isLeading(before) && !isLeading(state)) return [word("outbid", { price: yuan(state.price) }), true];
  return [word("bid_said", { name: nameOf(frame.label, state, word), price }), false];
}
