/** The live strip of the front page: new cards come, prices fall, ended ones go. The page is complete without it. */
const strip = document.querySelector("[data-home-live]");
let last = "";

function carryOver(fresh) {
  for (const card of fresh.querySelectorAll("[data-auction]")) {
    const old = strip.querySelector(`[data-auction="${card.dataset.auction}"]`);
    if (!old) continue;
    const [time, before] = [card.querySelector("time"), old.querySelector("time")];
    time.textContent = before.textContent; // it counts on, without a blink
    if (before.title) time.title = before.title;
    const [money, earlier] = [card.querySelector("[data-price] .money"), old.querySelector("[data-price] .money")];
    if (money && earlier && money.textContent !== earlier.textContent) money.classList.add("is-new");
  }
}

async function renew() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(strip.dataset.homeLive, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) return;
  const text = await answer.text();
  if (text === last) return;
  last = text;
  const template = document.createElement("template");
  template.innerHTML = text;
  carryOver(template.content);
  const focused = document.activeElement?.closest("[data-home-live] a")?.getAttribute("href");
  strip.replaceChildren(template.content);
  if (focused) strip.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

if (strip) {
  setInterval(() => renew().catch(() => {}), 3000);
  document.addEventListener("visibilitychange", () => renew().catch(() => {}));
}
