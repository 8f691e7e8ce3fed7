/** Cards of running auctions: price and end move as one watches. The page is complete without it. */
const strip = document.querySelector("[data-live]");

async function renew() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(strip.dataset.live, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { auctions } = await answer.json();
  for (const card of document.querySelectorAll("[data-auction]")) {
    const now = auctions[card.dataset.auction];
    const money = card.querySelector("[data-price] .money");
    if (!now || !money) continue;
    if (money.lastChild.textContent.trim() !== now.price) {
      money.lastChild.textContent = now.price;
      money.classList.remove("is-new");
      void money.offsetWidth;
      money.classList.add("is-new");
    }
    const fall = card.querySelector("[data-fall]");
    if (fall && fall.textContent !== now.fall) fall.textContent = now.fall;
    const time = card.querySelector("time[data-countdown]");
    if (time && Date.parse(time.dateTime) !== Date.parse(now.ends)) time.dateTime = now.ends;
  }
}

if (strip) setInterval(() => renew().catch(() => {}), 2000);
