/**
 * The list of services during entry: find by a few letters, count what is chosen. The plain list works without it.
 * What stands in the list answers at once; a moment later the server adds what it finds by synonyms and pinyin.
 */
const PAUSE_MS = 150; // after the last letter, before the server is asked

for (const form of document.querySelectorAll("form[data-choices]")) {
  const search = form.querySelector("[type=search]");
  const count = form.querySelector("[data-choices-count]");
  const none = form.querySelector("[data-choices-none]");
  const choices = [...form.querySelectorAll(".choice")];
  form.querySelector("[data-choices-plain]").remove(); // the list answers while one types
  let timer = 0;
  let asked = null;

  const show = (found, isWhole) => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const choice of choices) {
      const text = choice.dataset.words.toLowerCase();
      choice.hidden = !words.every((word) => text.includes(word)) && !found.has(choice.querySelector("input").value);
      if (!choice.hidden) shown += 1;
    }
    for (const group of form.querySelectorAll("[data-choices-group]")) {
      group.hidden = !group.querySelector(".choice:not([hidden])");
    }
    none.hidden = shown > 0 || !isWhole;
  };

  const ask = async (words) => {
    asked?.abort();
    asked = new AbortController();
    const address = `${form.dataset.choices}?${new URLSearchParams({ q: words })}`;
    let found = [];
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (answer.ok) found = (await answer.json()).codes;
    } catch {
      // cut off, or overtaken by the next letter: what stands in the list is the answer
    }
    if (search.value.trim() === words) show(new Set(found), true);
  };

  search.addEventListener("input", () => {
    clearTimeout(timer);
    const words = search.value.trim();
    show(new Set(), !words);
    if (words) timer = setTimeout(ask, PAUSE_MS, words);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // finding is not sending
  });
  form.addEventListener("change", () => {
    count.textContent = String(form.querySelectorAll("[name=services]:checked").length);
  });
}
