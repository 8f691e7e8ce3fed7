/** The list of services during entry: find by a few letters, count what is chosen. The plain list works without it. */
for (const form of document.querySelectorAll("form[data-choices]")) {
  const search = form.querySelector("[type=search]");
  const count = form.querySelector("[data-choices-count]");
  const none = form.querySelector("[data-choices-none]");
  const choices = [...form.querySelectorAll(".choice")];
  form.querySelector("[data-choices-plain]").remove(); // the list answers while one types

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const choice of choices) {
      const text = choice.dataset.words.toLowerCase();
      choice.hidden = !words.every((word) => text.includes(word));
      if (!choice.hidden) shown += 1;
    }
    for (const group of form.querySelectorAll("[data-choices-group]")) {
      group.hidden = !group.querySelector(".choice:not([hidden])");
    }
    none.hidden = shown > 0;
  };
  search.addEventListener("input", show);
  if (search.value && choices.length) show();
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // finding is not sending
  });
  form.addEventListener("change", () => {
    count.textContent = String(form.querySelectorAll("[name=services]:checked").length);
  });
}
