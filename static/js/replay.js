/** The page on which anybody draws again: change any input and see what does not follow any more. */
import { canonical, commitment, draw, isProof, pick, poolHash, seed } from "./draw.js";

const root = document.querySelector("[data-replay]");
const given = JSON.parse(document.getElementById("replay-data").textContent);
const words = root.dataset;
let published = given.proof;
let run = 0;

const at = (name) => root.querySelector(`[data-computed="${name}"]`);

function say(element, text) {
  if (element) element.textContent = text;
}

/** Put a word and a shape beside a step: it holds, it does not, or it cannot be computed. */
function judge(name, holds) {
  const place = root.querySelector(`[data-verdict="${name}"]`);
  if (!place) return;
  place.replaceChildren(document.getElementById(holds ? "replay-yes" : "replay-no").content.cloneNode(true));
  place.dataset.holds = holds ? "1" : "0";
}

/** Give the inputs as they stand in the page. */
function inputs() {
  const value = (name) => root.querySelector(`[data-input="${name}"]`).value.trim();
  const pool = [...root.querySelectorAll("[data-entry]")].map((row) => ({
    code: row.dataset.entry,
    firm: row.dataset.firm,
    tickets: Number(row.querySelector('[data-input="tickets"]').value),
    nonce: row.querySelector('[data-input="nonce"]').value,
  }));
  return {
    secret: value("secret"),
    salt: value("salt"),
    beacon: { source: value("source"), round: Number(value("round")), value: value("value") },
    pool,
  };
}

async function recompute() {
  const mine = ++run;
  const now = inputs();
  const { tender } = published;
  const proof = { ...published, ...now };
  if (!isProof(proof)) {
    for (const name of ["commitment", "pool_hash", "seed", "order", "factor"]) {
      say(at(name), words.unreadable);
      judge(name, false);
    }
    conclude(false);
    return;
  }
  const found = { commitment: await commitment(now.secret), pool_hash: await poolHash(tender, now.salt, now.pool) };
  found.seed = await seed(tender, now.secret, found.pool_hash, now.beacon);
  const rows = await draw(found.seed, tender, now.pool);
  found.order = rows.map((row) => row.code);
  if (given.factor) found.factor = await pick(found.seed, tender, "factor", given.factors);
  if (mine !== run) return; // something was typed meanwhile: the later run shows it
  const expected = { ...published, factor: given.factor };
  for (const [name, value] of Object.entries(found)) {
    if (name !== "order") say(at(name), String(value));
    judge(name, canonical(value) === canonical(expected[name]));
  }
  show(rows, now.pool);
  conclude(Object.keys(found).every((name) => canonical(found[name]) === canonical(expected[name])));
}

/** Write the drawn order into the table; who moved says from where. */
function show(rows, pool) {
  const entries = new Map(pool.map((entry) => [entry.code, entry]));
  const body = root.querySelector("[data-order]");
  const lines = rows.map(({ code, digest, ticket }, place) => {
    const line = document.getElementById("replay-row").content.firstElementChild.cloneNode(true);
    const { firm } = entries.get(code);
    const former = published.order.indexOf(code);
    const set = (name, text) => (line.querySelector(`[data-cell="${name}"]`).textContent = text);
    line.dataset.code = code;
    set("place", String(place + 1));
    set("firm", [given.names[firm], firm].filter(Boolean).join(" "));
    set("code", code);
    set("digest", `${digest.slice(0, 12)}…`);
    set("ticket", String(ticket));
    set("moved", former === place ? "" : words.moved.replace("%s", String(former + 1)));
    return line;
  });
  body.replaceChildren(...lines);
}

function conclude(holds) {
  const box = root.querySelector("[data-conclusion]");
  box.replaceChildren(document.getElementById(holds ? "replay-holds" : "replay-fails").content.cloneNode(true));
  box.dataset.holds = holds ? "1" : "0";
}

/** Fill the page from a proof. */
function fill(proof) {
  published = proof;
  const put = (name, value) => (root.querySelector(`[data-input="${name}"]`).value = value);
  put("secret", proof.secret);
  put("salt", proof.salt);
  put("source", proof.beacon.source);
  put("round", String(proof.beacon.round));
  put("value", proof.beacon.value);
  for (const name of ["commitment", "pool_hash", "seed"]) say(root.querySelector(`[data-published="${name}"]`), proof[name]);
  const rows = proof.pool.map((entry) => {
    const row = document.getElementById("replay-entry").content.firstElementChild.cloneNode(true);
    row.dataset.entry = entry.code;
    row.dataset.firm = entry.firm;
    row.querySelector('[data-cell="firm"]').textContent = [given.names[entry.firm], entry.firm].filter(Boolean).join(" ");
    row.querySelector('[data-cell="code"]').textContent = entry.code;
    row.querySelector('[data-input="tickets"]').value = String(entry.tickets);
    row.querySelector('[data-input="nonce"]').value = entry.nonce;
    return row;
  });
  root.querySelector("[data-pool]").replaceChildren(...rows);
  return recompute();
}

/** Check a file that was downloaded some time ago: against itself, and against what this page's notice published. */
async function read(file) {
  const answer = root.querySelector("[data-file-answer]");
  let proof;
  try {
    proof = JSON.parse((await file.text()).replace(/^\ufeff/, ""));
  } catch {
    proof = null;
  }
  if (!isProof(proof)) return say(answer, words.noProof);
  if (proof.tender !== given.tender) return say(answer, words.otherTender.replace("%s", proof.tender));
  const fits = proof.commitment === given.commitment && proof.pool_hash === given.pool_hash;
  say(answer, fits ? words.fileFits : words.fileDiffers);
  return fill(proof);
}

if (!globalThis.crypto?.subtle) {
  say(root.querySelector("[data-conclusion]"), words.noCrypto);
} else {
  root.querySelectorAll("input[readonly]").forEach((input) => input.removeAttribute("readonly"));
  root.querySelectorAll("[data-script]").forEach((element) => (element.hidden = false));
  let timer;
  root.addEventListener("input", ({ target }) => {
    if (!target.dataset.input) return;
    clearTimeout(timer);
    timer = setTimeout(recompute, 150);
  });
  root.querySelector("[data-again]").addEventListener("click", () => fill(given.proof));
  root.querySelector('input[type="file"]').addEventListener("change", ({ target }) => target.files[0] && read(target.files[0]));
  root.addEventListener("submit", (event) => event.preventDefault());
  recompute();
}
