/** Says the amount of a sealed offer in figures and capitals while it is typed, so that a slip is seen. */
import { capitals, fenOf, yuan } from "./money.js";

const form = document.querySelector("[data-offer]");

/** Give the fen of a discount in percent off the ceiling, rounded half up as on the server, or null. */
function discounted(text, ceiling) {
  const match = /^(\d{1,2})(?:\.(\d{1,2})0*)?$/.exec(text.normalize("NFKC").trim().replace(/%$/, "").trim());
  if (!match) return null;
  const points = BigInt(match[1]) * 100n + BigInt((match[2] ?? "").padEnd(2, "0"));
  return Number((BigInt(ceiling) * (10000n - points) + 5000n) / 10000n);
}

if (form) {
  const input = form.elements.amount ?? form.elements.discount;
  const words = form.querySelector("[data-offer-capitals]");
  const read = () => {
    const fen = form.elements.amount ? fenOf(input.value) : discounted(input.value, form.dataset.ceiling);
    words.textContent = fen ? `¥${yuan(fen)} ${capitals(fen)}` : "";
  };
  input.addEventListener("input", read);
  read();
}
