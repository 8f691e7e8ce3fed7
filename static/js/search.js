// Suggestions below every search box: arrow keys walk through them, Escape and a click elsewhere close them.
const boxes = document.querySelectorAll("form.search-box");

function links(box) {
  return [...box.querySelectorAll(".suggestions a")];
}

function close(box) {
  box.querySelector("[data-suggestions]")?.replaceChildren();
}

for (const box of boxes) {
  const input = box.querySelector('input[type="search"]');
  box.addEventListener("keydown", (event) => {
    const all = links(box);
    if (event.key === "Escape" && all.length) {
      event.preventDefault();
      close(box);
      input.focus();
    }
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || !all.length) return;
    event.preventDefault();
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (at < 0 || at >= all.length ? input : all[at]).focus();
  });
  input.addEventListener("input", () => input.value.trim() || close(box));
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || setTimeout(() => box.contains(document.activeElement) || close(box), 150));
}
