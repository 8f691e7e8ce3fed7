/** The auction room: takes frames, keeps the state, and shows it. The page is complete and usable without it. */
import { ServerClock, length, timeOfDay } from "./clock.js";
import { yuan } from "./money.js";
import { BidForm } from "./room_bid.js";
import { Line } from "./room_line.js";
import { Voice } from "./room_voice.js";

const room = document.querySelector("[data-room]");
const part = (name) => room.querySelector(`[data-room-${name}]`);
const { snapshot: first, own } = JSON.parse(document.getElementById("room-state").textContent);
const words = new Map(
  [...document.getElementById("room-words").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);
const word = (name, values = {}) => words.get(name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

let state = first;
const clock = new ServerClock(first.now);
const voice = new Voice({
  polite: part("polite"), assertive: part("assertive"), list: part("announcements"),
  mode: () => room.querySelector("[name=announce]:checked")?.value ?? "all", time: () => timeOfDay(clock.now()),
});
part("quiet").hidden = false;
part("refresh").hidden = true;

const labelOf = (label) => (/^\d+号$/.test(label) ? word("label", { number: label.slice(0, -1) }) : label);
const nameOf = (label) => state.names[label] ?? (state.robots.includes(label) ? word("robot", { label: labelOf(label) }) : labelOf(label));
const set = (element, text) => {
  if (element && element.textContent !== text) element.textContent = text;
};
const replay = (element) => {
  element.classList.remove("is-new");
  void element.offsetWidth;
  element.classList.add("is-new");
};

/* ---- what is shown ---- */

function money(fen) {
  const span = document.createElement("span");
  span.className = "money";
  const sign = document.createElement("span");
  sign.className = "money-sign";
  sign.textContent = "¥";
  span.append(sign, yuan(fen));
  return span;
}

function tag(kind, text) {
  const span = document.createElement("span");
  span.className = `tag tag-${kind}`;
  span.textContent = text;
  return span;
}

function row(bid) {
  const line = document.createElement("tr");
  line.className = "room-row";
  line.dataset.seq = bid.seq;
  const name = document.createElement("span");
  name.className = "masked";
  name.textContent = nameOf(bid.label);
  if (bid.label === own) {
    line.classList.add("is-own");
    name.classList.add("is-own");
    name.append(" ", tag("own", word("you")));
  }
  const time = document.createElement("time");
  time.dateTime = new Date(bid.t).toISOString();
  time.textContent = timeOfDay(bid.t);
  const cells = [String(bid.seq), name, money(bid.price), time].map((content) => {
    const cell = document.createElement("td");
    cell.append(content);
    return cell;
  });
  cells[2].className = "number";
  cells[3].className = "number is-extra";
  line.append(...cells);
  return line;
}

function addRow(bid) {
  const ladder = part("ladder");
  ladder.querySelector("[data-room-nothing]")?.remove();
  const line = row(bid);
  ladder.prepend(line);
  replay(line);
  while (ladder.children.length > 60) ladder.lastElementChild.remove();
}

function drawLine() {
  const space = "http://www.w3.org/2000/svg";
  const [width, height, pad] = [1100, 140, 4];
  let values = [state.ceiling, ...state.line];
  if (values.length === 1) values = [values[0], values[0]];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (index) => (pad + (index * (width - 2 * pad)) / (values.length - 1)).toFixed(1);
  const y = (value) => (pad + (height - 2 * pad) * (high > low ? (high - value) / (high - low) : 0.5)).toFixed(1);
  const stairs = values.flatMap((value, index) => (index ? [`${x(index)},${y(values[index - 1])}`] : []).concat(`${x(index)},${y(value)}`)).join(" ");
  const make = (name, attributes) => {
    const element = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { class: "sparkline", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const last = values.length - 1;
  svg.append(
    make("polygon", { class: "sparkline-under", points: `${stairs} ${x(last)},${height} ${x(0)},${height}` }),
    make("polyline", { points: stairs }),
    make("circle", { cx: x(last), cy: y(values[last]), r: 3 }),
  );
  part("line").replaceChildren(svg);
}

function ownLast() {
  return state.bids.find((bid) => bid.label === own)?.price ?? null;
}

function standing() {
  const mine = own ? ownLast() : null;
  const price = state.price === null ? "" : yuan(state.price);
  if (state.status === "failed") return [word("failed"), "is-closed"];
  if (state.status === "closed") {
    return [own && state.label === own ? word("closed_own") : word("closed", { price, name: nameOf(state.label) }), "is-closed"];
  }
  if (own && state.label === own) return [word("leading"), "is-leading"];
  if (mine !== null) return [word("behind", { price: yuan(mine), behind: yuan(mine - state.price) }), "is-behind"];
  if (own) return [word("not_yet", { own: labelOf(own) }), ""];
  return [state.label ? word("leads", { name: nameOf(state.label) }) : word("waiting"), ""];
}

function showAll({ fresh = false } = {}) {
  const price = state.price ?? state.ceiling;
  for (const place of [part("price"), part("price-again")]) {
    const figure = place?.querySelector(".money")?.lastChild;
    if (figure && figure.textContent !== yuan(price)) figure.textContent = yuan(price);
  }
  if (fresh) replay(part("price"));
  if (state.price !== null) {
    const fall = state.ceiling - state.price;
    set(part("price-label"), word(state.status === "open" ? "price_now" : "price_final"));
    set(part("next-label"), word("next_price"));
    const [main, small] = [document.createElement("span"), document.createElement("small")];
    main.textContent = word("fall", { yuan: yuan(fall) });
    small.textContent = word("fall_share", { share: `${((100 * fall) / state.ceiling).toFixed(1)}%`, ceiling: yuan(state.ceiling) });
    part("fall").replaceChildren(main, small);
  }
  if (state.status !== "scheduled") {
    const [said, kind] = standing();
    set(part("standing"), said);
    part("standing").className = `room-standing ${kind}`.trim();
  }
  set(part("firms"), word("firms", { count: state.firms }));
  set(part("count"), word("count", { count: state.seq }));
  const next = part("next")?.querySelector(".money")?.lastChild;
  if (next) next.textContent = yuan(state.next);
  if (state.status === "open") {
    bidForm?.offer(state.next, state.step);
    bidForm?.lock(Boolean(own) && state.label === own);
  }
  if (fresh) bidForm?.freshen();
  if (state.status === "closed" || state.status === "failed") {
    bidForm?.close();
    if (part("way-in")) part("way-in").hidden = true;
  }
  const phase = document.getElementById("room-words").content.querySelector(`[data-phase="${state.status}"]`)?.firstElementChild;
  if (phase && part("phase").textContent.trim() !== phase.textContent.trim()) part("phase").replaceChildren(phase.cloneNode(true));
}

/* ---- what comes in ---- */

function takeBid(frame) {
  if (frame.seq <= state.seq) return;
  const wasMine = own && state.label === own;
  Object.assign(state, { price: frame.price, label: frame.label, seq: frame.seq, next: Math.max(frame.price - state.step, 0) });
  const bid = { seq: frame.seq, label: frame.label, price: frame.price, t: frame.t };
  state.bids = [bid, ...state.bids].slice(0, 60);
  state.line = [...state.line, frame.price].slice(-200);
  addRow(bid);
  drawLine();
  const price = yuan(frame.price);
  if (wasMine && frame.label !== own) voice.say(word("outbid", { price }), { mine: true });
  else if (frame.label !== own) voice.say(word("bid_said", { name: nameOf(frame.label), price }));
  else voice.say(word("bid_own", { price }), { mine: true });
  if (frame.extended) {
    state.extensions = frame.extensions;
    const time = timeOfDay(frame.ends);
    part("clock").classList.add("is-extended");
    part("clock").dataset.extended = word("extended", { time });
    voice.say(word("extended_said", { time }), { mine: true });
  }
}

function takeFrame(frame) {
  if (frame.n <= state.n) return;
  if (frame.n > state.n + 1) {
    line.resume();
    return;
  }
  state.n = frame.n;
  state.h = frame.h;
  if (frame.ends) state.ends = Math.max(state.ends, frame.ends);
  if (frame.firms !== undefined) state.firms = frame.firms;
  if (frame.e === "open") {
    state.status = "open";
    line.poll(true); // the firms are final now, and which of them are robots
    voice.say(word("opened", { price: yuan(state.ceiling) }), { mine: true });
  }
  if (frame.e === "bid") takeBid(frame);
  if (frame.e === "close" || frame.e === "fail" || frame.e === "cancel") {
    if (state.status === "closed" || state.status === "failed") return;
    state.status = frame.e === "close" ? "closed" : "failed";
    voice.say(standing()[0], { mine: true, loud: true });
  }
  if (frame.e === "award") {
    voice.say(word("award"), { mine: true });
    line.poll(true);
  }
  showAll({ fresh: frame.e === "bid" });
}

function takeSnapshot(snapshot) {
  if (snapshot.n < state.n) return;
  const before = state.seq;
  const ended = state.status !== snapshot.status && snapshot.status !== "open";
  state = snapshot;
  part("ladder").replaceChildren(...state.bids.map(row));
  drawLine();
  showAll({ fresh: state.seq > before });
  if (ended) voice.say(standing()[0], { mine: true, loud: true });
}

let seqWhenLost = null;
function show(connection) {
  const place = part("connection");
  const old = place.dataset.state;
  place.dataset.state = connection;
  set(place, word(connection));
  place.className = `room-connection is-${connection === "polling" ? "trying" : connection}`;
  part("refresh").hidden = connection === "live";
  if (connection === "lost" && old !== "lost") voice.say(word("lost"), { loud: true });
  if (connection === "live") bidForm?.settle().catch(() => {});
  if (connection !== "live") seqWhenLost ??= state.seq;
  else if (old && old !== "live") {
    setTimeout(() => {
      if (state.price !== null) voice.say(word("back", { count: state.seq - seqWhenLost, price: yuan(state.price) }), { mine: true });
      seqWhenLost = null;
    }, 1500);
  }
}

const line = new Line({
  socket: room.dataset.socket, feed: room.dataset.feed, clock, show, number: () => state.n,
  hear(message) {
    if ("ack" in message || "refused" in message) bidForm?.hear(message);
    else if ("snapshot" in message) takeSnapshot(message.snapshot);
    else if ("n" in message) takeFrame(message);
  },
});
const form = part("bid");
const bidForm = form ? new BidForm(form, { line, outcome: room.dataset.outcome, word, room }) : null;

/* ---- the clock ---- */

const moments = [600, 300, 60, 30, 10];
let lastLeft = Infinity;
function tick() {
  const now = clock.now();
  set(part("now"), timeOfDay(now));
  const target = state.status === "scheduled" ? state.opens : state.ends;
  const left = target - now;
  const place = part("left");
  const over = state.status === "closed" || state.status === "failed";
  const label = over ? "ended" : state.status === "scheduled" ? "until" : left > 0 ? "left" : "closing";
  set(part("clock-label"), word(label));
  const days = Math.floor(left / 86400000);
  if (over) set(place, timeOfDay(state.ends));
  else set(place, days > 0 ? word("days", { days, hours: Math.floor((left % 86400000) / 3600000) }) : length(left));
  place.dateTime = new Date(target).toISOString();
  const near = state.status === "open" && left < 120000;
  part("clock").classList.toggle("is-near", near);
  part("bar").classList.toggle("is-near", near);
  part("bar").max = Math.max(1, (state.ends - state.opens) / 1000);
  part("bar").value = state.status === "open" ? Math.max(0, left / 1000) : 0;
  if (state.status === "open") {
    const seconds = left / 1000;
    const passed = moments.find((moment) => seconds <= moment && lastLeft > moment && lastLeft !== Infinity);
    if (passed) {
      const text = passed >= 60 ? word("remaining_minutes", { count: passed / 60 }) : word("remaining_seconds", { count: passed });
      voice.say(text, { mine: true, written: false });
    }
    lastLeft = seconds;
  }
}

drawLine();
showAll();
tick();
setInterval(tick, 250);
