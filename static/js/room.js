/** The live auction room: connects the page to the server. The page is complete and usable without it. */
import { ServerClock } from "./clock.js";
import { yuan } from "./money.js";
import { BidForm } from "./room_bid.js";
import { Channel } from "./room_channel.js";
import { Floor } from "./room_floor.js";
import { Line } from "./room_line.js";
import { begin, recall } from "./room_state.js";
import { set, wordsOf } from "./room_words.js";

const root = document.querySelector("[data-room]");
const { snapshot, history, ...viewer } = JSON.parse(document.getElementById("room-state").textContent);
const word = wordsOf(document.getElementById("room-words"), { up: snapshot.direction === "up" });
const clock = new ServerClock(snapshot.now);
const floor = new Floor(root, {
  state: recall(begin(snapshot, viewer), history), word, now: () => clock.now(), ask: (all) => (all ? line.poll(true) : line.resume()),
});
const place = floor.part("connection");
let seqWhenLost = null;

/** Say in words how the page hears of what happens. */
function show(connection) {
  const old = place.dataset.state;
  place.dataset.state = connection;
  set(place, word(connection));
  const kind = { live: "live", polling: "trying", trying: "trying" }[connection] ?? "lost";
  place.className = `room-connection is-${kind}`;
  floor.part("refresh").hidden = connection === "live";
  if (kind === "lost" && old !== connection) floor.voice.say(word(connection), { always: true, topic: "line" });
  if (connection === "live") form?.settle().catch(() => {});
  if (connection !== "live") seqWhenLost ??= floor.state.seq;
  else if (old && old !== "live") setTimeout(back, 1500);
}

function back() {
  if (seqWhenLost === null) return;
  const { seq, price } = floor.state;
  const text = price === null ? word("back_only", { count: seq - seqWhenLost }) : word("back", { count: seq - seqWhenLost, price: yuan(price) });
  floor.voice.say(text, { mine: true, topic: "line" });
  seqWhenLost = null;
}

const line = new Line({
  socket: root.dataset.socket, feed: root.dataset.feed, clock, show, number: () => floor.state.n,
  hear(message) {
    if ("ack" in message || "refused" in message || "unknown" in message) channel?.hear(message);
    else if ("snapshot" in message) floor.renew(message.snapshot);
    else if ("own" in message) floor.own(message.own);
    else if ("n" in message) floor.take(message);
  },
});
const element = floor.part("bid");
const channel = element ? new Channel({ form: element, line, outcome: root.dataset.outcome }) : null;
const form = element ? new BidForm(element, { channel, word, taken: (answer) => floor.taken(answer) }) : null;
floor.use(form);
floor.part("refresh").hidden = true;
floor.start();
