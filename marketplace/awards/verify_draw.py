"""Draw again from a proof file, with Python 3.9 or newer alone: `python verify_draw.py proof.json`, or the file on standard input.

用公示的抽签证明文件重新计算抽签结果，只需要 Python 3.9 以上，不连网络，不用本平台的任何程序。
Exit 0: everything follows from the file. 1: something does not, one line each. 2: the file is no proof.
What the file cannot tell: that commitment and pool hash were published before the draw. Compare them with the notice.
"""

import hashlib
import hmac
import io
import json
import sys
from pathlib import Path
from typing import Any

FIELDS = ["format", "tender", "purpose", "commitment", "secret", "salt", "pool", "pool_hash", "beacon", "seed", "order"]
ENTRY = {"code": str, "firm": str, "tickets": int, "nonce": str}
BEACON = {"source": str, "round": int, "value": str}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(character in "0123456789abcdef" for character in text)


def has(value: Any, shape: dict[str, type]) -> bool:
    return isinstance(value, dict) and set(value) == set(shape) and all(type(value[key]) is shape[key] for key in shape)


def is_proof(proof: Any) -> bool:
    """Tell whether the document has the fields of a proof, each of its kind."""
    if not isinstance(proof, dict) or set(proof) != set(FIELDS):
        return False
    pool, beacon, order = proof["pool"], proof["beacon"], proof["order"]
    texts = [proof[name] for name in FIELDS if name not in ("pool", "beacon", "order")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(pool, list) or not isinstance(order, list):
        return False
    if not has(beacon, BEACON) or not all(has(entry, ENTRY) and 1 <= entry["tickets"] <= 10000 for entry in pool):
        return False
    codes = [entry["code"] for entry in pool]
    return (
        (proof["format"], proof["purpose"]) == ("marketplace-draw-1", "draw")
        and all(map(is_hex, (proof["secret"], proof["seed"], proof["salt"], beacon["value"])))
        and min(len(proof["secret"]), len(proof["seed"])) >= 64
        and 0 <= beacon["round"] < 2**63
        and codes == sorted(set(codes))
        and all(isinstance(code, str) for code in order)
    )


def recompute(proof: dict[str, Any]) -> dict[str, Any]:
    """Return commitment, pool hash, seed and order as they follow from the rest of the proof."""
    secret, tender, beacon = bytes.fromhex(proof["secret"]), proof["tender"], proof["beacon"]
    pool = {"pool": proof["pool"], "salt": proof["salt"], "tender": tender}
    text = json.dumps(pool, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    parts = [b"marketplace-draw-1", tender.encode(), secret, proof["pool_hash"].encode(), beacon["source"].encode()]
    parts += [str(beacon["round"]).encode(), beacon["value"].encode()]
    keys = {}
    for entry in proof["pool"]:  # a firm stands at the lowest of its tickets
        messages = (f"{tender}|draw|{entry['code']}|{ticket}" for ticket in range(1, entry["tickets"] + 1))
        key = bytes.fromhex(proof["seed"])
        keys[entry["code"]] = min(hmac.new(key, message.encode(), hashlib.sha256).digest() for message in messages)
    return {
        "commitment": sha256(b"marketplace-commitment-1\n" + secret),
        "pool_hash": sha256(text.encode()),
        "seed": sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)),
        "order": sorted(keys, key=lambda code: (keys[code], code)),
    }


def main(arguments: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console that cannot show Chinese
    found, reason = None, "fields are missing, unknown or of the wrong kind"
    try:
        text = sys.stdin.buffer.read() if arguments in ([], ["-"]) else Path(arguments[0]).read_bytes()
        proof = json.loads(text.decode("utf-8-sig"))
        found = recompute(proof) if is_proof(proof) else None
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error)
    if found is None:
        sys.stdout.write(f"无法读取抽签证明 This is no readable draw proof: {reason}\n")
        return 2
    firms = {entry["code"]: (entry["firm"], entry["tickets"]) for entry in proof["pool"]}
    lines = [f"采购编号 Tender: {proof['tender']}", "与公告核对 Compare with the notice:"]
    lines += [f"  承诺 commitment {proof['commitment']}", f"  名单 pool hash  {proof['pool_hash']}"]
    for place, code in enumerate(found["order"], start=1):
        lines.append(f"{place:4d}. {firms[code][0]} {code}（签 tickets {firms[code][1]}）")
    wrong = [name for name in found if proof[name] != found[name]]
    lines += [f"不符 {name}: 文件 file {proof[name]} ≠ 重算 recomputed {found[name]}" for name in wrong]
    sys.stdout.write("\n".join(lines + ([] if wrong else ["OK"])) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
