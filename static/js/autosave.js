/** Keep what stands in a form on the server every few seconds, once something was changed. Without it the save button does. */
const PAUSE = 3000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const words = form.querySelector("[data-autosave-words]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;
  let changed = false;
  let sent = false; // the form itself is on its way

  /** Give the fields as they are: a text each, a list where several share a name. */
  const typed = () => {
    const data = {};
    for (const [name, value] of new FormData(form)) {
      if (name === "csrfmiddlewaretoken" || typeof value !== "string") continue;
      data[name] = name in data ? [].concat(data[name], value) : value;
    }
    return data;
  };

  const save = async ({ leaving = false } = {}) => {
    clearTimeout(timer);
    timer = 0;
    if (!changed || sent) return;
    changed = false;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ tender: form.dataset.autosaveTender, data: typed() }),
        keepalive: leaving,
      });
      const said = await answer.json();
      words.textContent = answer.ok ? said.words : said.message;
    } catch {
      changed = true; // tried again with the next change
      words.textContent = form.dataset.autosaveFailed;
    }
  };

  const note = () => {
    if ("autosaveWaits" in form.dataset) return;
    changed = true;
    timer ||= setTimeout(save, PAUSE);
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", () => {
    sent = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save({ leaving: true });
  });
}
