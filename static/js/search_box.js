// A search box as a combobox (WAI-ARIA, list autocomplete): the focus stays in the box, arrows walk through the suggestions below it.
// htmx fetches the list; without scripts the box is a plain form.
let count = 0;

export function combobox(box) {
  const input = box.querySelector('input[type="search"]');
  const place = box.querySelector("[data-suggestions]");
  const live = document.getElementById("live");
  let at = -1;

  const options = () => [...place.querySelectorAll("a")];
  const is_open = () => place.childElementCount > 0;

  function mark(next) {
    const all = options();
    all[at]?.setAttribute("aria-selected", "false");
    at = next < -1 ? all.length - 1 : next >= all.length ? -1 : next; // beyond either end lies the box itself
    const now = all[at];
    now?.setAttribute("aria-selected", "true");
    now?.scrollIntoView({ block: "nearest" });
    if (now) input.setAttribute("aria-activedescendant", now.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    at = -1;
    place.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function opened() {
    at = -1;
    input.removeAttribute("aria-activedescendant");
    const list = place.querySelector(".suggestions");
    if (!list || !box.contains(document.activeElement)) return close();
    list.role = "listbox";
    list.ariaLabel = list.dataset.list;
    for (const [number, section] of [...list.querySelectorAll("section")].entries()) {
      const head = section.querySelector("h3");
      head.id = `${place.id}-group-${number}`;
      section.role = "group";
      section.setAttribute("aria-labelledby", head.id);
      for (const item of section.querySelectorAll("ul, li")) item.role = "presentation";
    }
    for (const [number, option] of options().entries()) {
      option.id = `${place.id}-option-${number}`;
      option.role = "option";
      option.tabIndex = -1;
      option.ariaSelected = "false";
    }
    input.setAttribute("aria-expanded", "true");
    if (live) live.textContent = list.dataset.many.replace("{n}", options().length);
  }

  place.id ||= `suggestions-${(count += 1)}`;
  input.role = "combobox";
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", place.id);

  place.addEventListener("htmx:afterSwap", opened);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // arrows and Enter belong to the input method while it writes
    if (event.key === "Escape" && is_open()) {
      event.preventDefault(); // else Chromium empties the box
      event.stopPropagation();
      close();
      input.focus();
    } else if (event.target === input && (event.key === "ArrowDown" || event.key === "ArrowUp") && is_open()) {
      event.preventDefault();
      mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.target === input && event.key === "Enter" && at >= 0) {
      event.preventDefault();
      options()[at]?.click();
    }
  });
  input.addEventListener("input", () => input.value.trim() || close());
  // A press on a suggestion would take the focus away and close the list before it counts as a click.
  place.addEventListener("mousedown", (event) => event.target.closest("a, button") && event.preventDefault());
  // Later, because what loses the focus may just be being taken out of the page by htmx.
  box.addEventListener("focusout", () => setTimeout(() => box.contains(document.activeElement) || close()));
  box.addEventListener("submit", close);
}
