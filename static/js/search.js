// Search on every page: the boxes, "/" that leads to one, and on the page of results the order by distance from where one is.
import { combobox } from "./search_box.js";

const boxes = [...document.querySelectorAll("form.search-box")].filter((box) => box.querySelector("[data-suggestions]"));
for (const box of boxes) combobox(box);

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const inputs = boxes.map((box) => box.querySelector('input[type="search"]'));
  const input = inputs.findLast((one) => one.checkVisibility());
  if (!input) return;
  event.preventDefault();
  input.focus();
  input.select();
});

// A page that names a wrong parameter (400) is a page too.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "results" || event.detail.xhr.status !== 400) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

function offer_position() {
  for (const button of document.querySelectorAll("[data-near]")) button.hidden = !("geolocation" in navigator);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-near]");
  if (!button) return;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      // Two decimals are a kilometer: enough to sort districts, too little to say which house somebody is in.
      const near = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
      location.href = button.dataset.near.replace("HERE", encodeURIComponent(near));
    },
    () => button.replaceWith(button.dataset.said),
    { maximumAge: 600_000, timeout: 10_000 },
  );
});

document.body.addEventListener("htmx:afterSettle", offer_position);
offer_position();
