/** The practice auction: the room's own parts around an engine in this page. Nothing is sent and nothing is kept. */
import { yuan } from "./money.js";
import { Engine, OWN, advice } from "./practice_engine.js";
import { BidForm } from "./room_bid.js";
import { Floor } from "./room_floor.js";
import { make, wordsOf } from "./room_words.js";

const root = document.querySelector("[data-practice]");
const part = (name) => root.querySelector(`[data-practice-${name}]`);
const terms = JSON.parse(document.getElementById("practice-terms").textContent);
const word = wordsOf(document.getElementById("room-words"));
const say = wordsOf(document.getElementById("practice-words"));
let engine = null;

function words(code, { fen, ...values }) {
  return say(code, { ...values, price: fen ? yuan(fen) : "" });
}

function fresh() {
  engine = new Engine(terms, { words, hear });
  return engine.state;
}

function hear(frame) {
  floor.take(frame);
  if (frame.e === "close" || frame.e === "fail") finish();
}

const floor = new Floor(root, { state: fresh(), word, now: () => Date.now() });
const form = new BidForm(floor.part("bid"), {
  word, channel: { bid: async (key, fen, confirm) => engine.bid(key, fen, confirm), ask: async (key) => ({ unknown: key }) },
});
floor.use(form);
floor.part("bid").addEventListener("submit", (event) => event.preventDefault());

function begin() {
  engine.stop();
  floor.stop();
  floor.state = fresh();
  for (const name of ["start", "result"]) part(name).hidden = true;
  for (const name of ["floor", "more"]) part(name).hidden = false;
  floor.part("announcements").replaceChildren();
  form.open = null;
  form.reopen();
  engine.start();
  floor.start();
  // A finger that has not asked for it gets no keyboard over half the screen.
  const target = matchMedia("(pointer: fine)").matches ? floor.part("bid").elements.amount : floor.part("standing");
  target.focus({ preventScroll: true });
}

function finish() {
  floor.stop();
  floor.tick();
  const { state, mine } = engine;
  const won = state.label === OWN;
  part("title").textContent = say(state.seq ? (won ? "won" : "lost") : "nobody");
  const told = state.seq ? [say("result", { price: yuan(state.price), count: state.seq, own: mine.length, extensions: state.extensions })] : [];
  if (won) {
    const margin = state.price - terms.cost;
    told.push(say(margin < 0 ? "result_loss" : "result_margin", { cost: yuan(terms.cost), margin: yuan(Math.abs(margin)) }));
  }
  part("summary").textContent = told.join("");
  part("advice").replaceChildren(...advice(engine).map((name) => make("li", { text: say(name) })));
  part("result").hidden = false;
  part("result").focus();
}

document.querySelector("[data-practice-needs]").hidden = true;
part("go").hidden = false;
for (const name of ["go", "again"]) part(name).addEventListener("click", begin);
