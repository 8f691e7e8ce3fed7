/** Money as people type and read it; integer fen inside, as on the server. */
const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const UNITS = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "万亿"];

/** Give fen as yuan for people: 123450 is "1,234.50". */
export function yuan(fen) {
  const whole = Math.floor(fen / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${String(fen % 100).padStart(2, "0")}`;
}

/** Give the fen of what was typed, or null when it is no amount; the server says why. */
export function fenOf(text) {
  const plain = text.normalize("NFKC").trim().replace(/^¥/, "").replace(/元$/, "").replace(/[,\s_]/g, "");
  const match = /^(\d{1,11})(?:\.(\d{1,2})0*)?$/.exec(plain);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}

function group(number) {
  let words = "";
  let zero = false;
  for (let power = 3; power >= 0; power -= 1) {
    const digit = Math.floor(number / 10 ** power) % 10;
    if (digit) {
      words += (zero && words ? "零" : "") + DIGITS[digit] + UNITS[power];
      zero = false;
    } else zero = true;
  }
  return words;
}

/** Give an amount in the capital figures of contracts: 3200000 is 叁万贰仟元整. */
export function capitals(fen) {
  const whole = Math.floor(fen / 100);
  const rest = fen % 100;
  const groups = [0, 1, 2, 3].map((power) => Math.floor(whole / 10000 ** power) % 10000);
  let words = "";
  for (let power = 3; power >= 0; power -= 1) {
    if (!groups[power]) continue;
    const gap = words && (groups[power] < 1000 || groups[power + 1] % 10 === 0);
    words += (gap ? "零" : "") + group(groups[power]) + GROUPS[power];
  }
  const text = words ? `${words}元` : "";
  if (!rest) return `${text || "零元"}整`;
  const jiao = Math.floor(rest / 10);
  const cent = rest % 10;
  let tail = "";
  if (jiao) tail = (words && whole % 10 === 0 ? "零" : "") + DIGITS[jiao] + "角";
  else if (words) tail = "零";
  return text + tail + (cent ? `${DIGITS[cent]}分` : "整");
}
