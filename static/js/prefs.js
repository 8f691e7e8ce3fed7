/** Theme and elder mode without a reload, and the clocks that count down on every page. Forms work without it. */
const root = document.documentElement;

function apply(name, value) {
  const on = value !== "" && value !== "0";
  if (on) root.setAttribute(`data-${name}`, value);
  else root.removeAttribute(`data-${name}`);
}

for (const form of document.querySelectorAll("form[data-preference]")) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const name = form.dataset.preference;
    const body = new FormData(form);
    body.set(name, button.value);
    apply(name, button.value);
    if (name === "elder") {
      button.setAttribute("aria-pressed", String(button.value === "1"));
      button.value = button.value === "1" ? "0" : "1";
    }
    try {
      await fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
    } catch {
      form.submit();
    }
  });
}

/* "还有 2 天 3 小时" above a day, "02:03:04" below it; the moment itself stays readable as the title. */
const english = root.lang.startsWith("en");
let offset = 0;

/** Let pages that hear the server's clock (the auction room) correct ours, in milliseconds. */
export function setClockOffset(milliseconds) {
  offset = milliseconds;
}

function words(left) {
  if (left <= 0) return english ? "ended" : "已到时间";
  const seconds = Math.floor(left / 1000);
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  if (days > 0) return english ? `${days} d ${hours} h left` : `还有 ${days} 天 ${hours} 小时`;
  const two = (number) => String(number).padStart(2, "0");
  const clock = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${two(hours)}:${clock}` : clock;
}

function tick() {
  const now = Date.now() + offset;
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    if (!time.title && time.textContent) time.title = time.textContent;
    const left = Date.parse(time.dateTime) - now;
    const text = words(left);
    if (time.textContent !== text) time.textContent = text;
    time.classList.toggle("is-near", left > 0 && left < 120_000);
  }
}
tick();
setInterval(tick, 1000);

/* A form that came back with errors: bring the summary to the reader. */
document.querySelector("[data-focus]")?.focus();

/* One press, one request: a button that submits is busy until the page answers. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 8000);
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  setTimeout(() => button?.removeAttribute("aria-busy"), 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

/* On wide screens the facets stand open beside the list. */
if (matchMedia("(min-width: 900px)").matches && !root.hasAttribute("data-elder"))
  for (const facets of document.querySelectorAll(".facets > details")) facets.open = true;
