/** The draw, computed again in the browser exactly as the server computes it (marketplace/awards/draw.py); no page, no library. */
export const FORMAT = "marketplace-draw-1";
const COMMITMENT = "marketplace-commitment-1\n";
const MAX_TICKETS = 10000;
const FIELDS = "beacon commitment format order pool pool_hash purpose salt secret seed tender";
const encoder = new TextEncoder();

/** Compare texts by their characters' numbers, as the server does; JavaScript's own order is by halves of pairs. */
export function byCharacters(one, other) {
  const left = [...one];
  const right = [...other];
  for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
    const step = left[place].codePointAt(0) - right[place].codePointAt(0);
    if (step) return step;
  }
  return left.length - right.length;
}

/** Give the one JSON text of a value: keys sorted, no spaces, characters as they are. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort(byCharacters);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

export const isHex = (text) => typeof text === "string" && text.length % 2 === 0 && /^[0-9a-f]*$/.test(text);
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const sha256 = async (data) => hex(await crypto.subtle.digest("SHA-256", data));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Put a part behind its length in 8 bytes, so that no two lists of parts give the same text. */
function measured(part) {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(part.length));
  return join(length, part);
}

/** Give what was published before the draw: SHA-256 of the secret behind a fixed line. */
export const commitment = (secret) => sha256(join(encoder.encode(COMMITMENT), bytes(secret)));

/** Give the fingerprint of the frozen pool. */
export function poolHash(tender, salt, pool) {
  const ordered = [...pool].sort((one, other) => byCharacters(one.code, other.code));
  return sha256(encoder.encode(canonical({ pool: ordered, salt, tender })));
}

/** Give the seed: SHA-256 over format, tender, secret, pool hash and the beacon's source, round and value. */
export function seed(tender, secret, hash, beacon) {
  const texts = [FORMAT, tender, null, hash, beacon.source, String(beacon.round), beacon.value];
  const parts = texts.map((text) => measured(text === null ? bytes(secret) : encoder.encode(text)));
  return sha256(join(...parts));
}

/** Give what a ticket draws: HMAC-SHA-256, the seed as key. */
async function digest(key, tender, purpose, code, ticket) {
  return hex(await crypto.subtle.sign("HMAC", key, encoder.encode(`${tender}|${purpose}|${code}|${ticket}`)));
}

const keyOf = (drawn) => crypto.subtle.importKey("raw", bytes(drawn), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

/** Give the firms in the order in which they are drawn, each with its best ticket: {code, digest, ticket}. */
export async function draw(drawn, tender, pool, purpose = "draw") {
  const key = await keyOf(drawn);
  const rows = await Promise.all(
    pool.map(async ({ code, tickets }) => {
      const numbers = Array.from({ length: tickets }, (_, place) => place + 1);
      const found = await Promise.all(numbers.map((ticket) => digest(key, tender, purpose, code, ticket)));
      const lowest = found.reduce((best, one) => (one < best ? one : best));
      return { code, digest: lowest, ticket: found.indexOf(lowest) + 1 };
    }),
  );
  return rows.sort((one, other) => (one.digest < other.digest ? -1 : one.digest > other.digest ? 1 : byCharacters(one.code, other.code)));
}

/** Give the codes of the pool in the order in which they are drawn. */
export const order = async (...given) => (await draw(...given)).map((row) => row.code);

/** Give the option whose text has the lowest digest under `purpose`. */
export async function pick(drawn, tender, purpose, options) {
  const key = await keyOf(drawn);
  const found = await Promise.all(
    options.map(async (option) => ({ option, digest: await digest(key, tender, purpose, String(option), 1) })),
  );
  return found.reduce((best, one) => (one.digest < best.digest ? one : best)).option;
}

const isText = (value) => typeof value === "string" && value.isWellFormed?.() !== false;
const isWhole = (value, least, most) => Number.isSafeInteger(value) && value >= least && value <= most;
const isObject = (value, keys) =>
  value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).sort().join(" ") === keys;

const isEntry = (entry) =>
  isObject(entry, "code firm nonce tickets") &&
  [entry.code, entry.firm, entry.nonce].every(isText) &&
  isWhole(entry.tickets, 1, MAX_TICKETS);

function isPool(pool) {
  if (!Array.isArray(pool) || !pool.every(isEntry)) return false;
  return pool.every(({ code }, place) => place === 0 || byCharacters(pool[place - 1].code, code) < 0);
}

/** Tell whether a document has the fields of a proof, each of its kind. */
export function isProof(document) {
  if (!isObject(document, FIELDS)) return false;
  const { beacon } = document;
  return (
    ["format", "tender", "purpose", "commitment", "secret", "salt", "pool_hash", "seed"].every((name) => isText(document[name])) &&
    document.format === FORMAT &&
    document.purpose === "draw" &&
    ["secret", "seed"].every((name) => isHex(document[name]) && document[name].length >= 64) &&
    isHex(document.salt) &&
    isObject(beacon, "round source value") &&
    isText(beacon.source) &&
    isWhole(beacon.round, 0, Number.MAX_SAFE_INTEGER) &&
    isHex(beacon.value) &&
    isPool(document.pool) &&
    Array.isArray(document.order) &&
    document.order.every(isText)
  );
}

/** Give the names of what does not hold in a proof, each step computed from what the document says before it. */
export async function check(document) {
  if (!isProof(document)) return ["malformed"];
  const { tender, secret, salt, pool, beacon } = document;
  const found = {
    commitment: await commitment(secret),
    pool_hash: await poolHash(tender, salt, pool),
    seed: await seed(tender, secret, document.pool_hash, beacon),
    order: await order(document.seed, tender, pool),
  };
  return Object.keys(found).filter((name) => canonical(found[name]) !== canonical(document[name])).map((name) => `${name}_differs`);
}
