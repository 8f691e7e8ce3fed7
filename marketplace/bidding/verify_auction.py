"""Check an auction's log with Python 3.9 or newer alone: `python verify_auction.py log.json`, or the file on standard input.

用公开的竞价记录重新核对一场竞价：哈希链、每次报价是否合规、延时、暂停、作废、结果，只需要 Python 3.9 以上，不连网络，不用本平台的任何程序。
Exit 0: everything follows from the file. 1: something does not, one line each. 2: the file is no log of an auction.
What the file cannot tell: that it was not written anew as a whole. Compare its last hash with the one that the room showed.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

FORMAT = "auction-log/1"
HASHED = ("number", "name", "at", "actor", "organization", "subject", "data", "visibility")
CHAINED = {"number", "previous_hash", "hash"}
SHAPES = (CHAINED | set(HASHED), CHAINED | set(HASHED) - {"actor", "organization"} | {"masked"}, CHAINED)
BEFORE = {"auction_scheduled", "auction_opened", "auction_failed"}  # what may come before the opening, or be it
BY_PEOPLE = {"auction_paused", "auction_resumed", "auction_prolonged", "auction_failed", "bid_voided"}
NOT_YET: Any = None
KINDS = {"open": ("manual", "initial", "auto"), "rank": ("manual", "initial"), "turns": ("manual", "initial")}
moment = datetime.fromisoformat
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


def utc(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat(timespec="microseconds")  # noqa: UP017 - Python 3.9 has no UTC


def digest(process: str, event: dict[str, Any]) -> str:
    """Return an event's hash: SHA-256 over the hash before it, a line feed, and its content as JSON with sorted keys."""
    body = {"process": process, **{key: event[key] for key in HASHED}}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{event['previous_hash']}\n{text}".encode(errors="replace")).hexdigest()


def broken_links(log: dict[str, Any]) -> list[str]:
    """Follow the chain from its beginning; an event that is given in full must have the hash that its content has."""
    faults, previous = [], ""
    for number, event in enumerate(log["events"], start=1):
        if event["number"] != number:
            faults.append(f"#{event['number']} 序号不连续 stands where #{number} should")
        if event["previous_hash"] != previous:
            faults.append(f"#{number} 与前一事件的哈希不相连 does not follow the event before it")
        if set(event) not in SHAPES:
            faults.append(f"#{number} 字段不全或多余 has not the fields of an event")
        elif "name" in event and "masked" not in event and digest(log["process"], event) != event["hash"]:
            faults.append(f"#{number} 内容与哈希不符 content does not match its hash")
        previous = event["hash"]
    return faults


class Replay:
    """Play the events of an auction again by its terms and keep a sentence for each that they do not allow."""

    def __init__(self, log: dict[str, Any]) -> None:
        self.log, self.last, self.status = log, "", "scheduled"
        self.faults: list[str] = []
        self.number = self.extensions = self.round = 0
        self.terms: dict[str, Any] = {}
        self.is_old = True  # opened before events told their terms: its bids may be masked
        self.bids: list[dict[str, Any]] = []
        self.own: dict[str, dict[str, Any]] = {}  # each firm's newest valid bid
        self.voided: set[int] = set()
        self.initial: set[str] = set()
        self.turns: list[dict[str, Any]] = []
        self.scheduled = self.opens = self.ends = self.hard = self.first = self.paused_at = self.at = NOT_YET

    def want(self, holds: Any, words: str) -> None:
        if not holds:
            self.faults.append(f"#{self.number} {words}" if self.number else words)

    def standing(self) -> list[dict[str, Any]]:
        """Return each firm's newest valid bid, the best first, of equal ones the earlier."""
        return sorted(self.own.values(), key=self.place)

    def place(self, bid: dict[str, Any]) -> tuple[int, int]:
        return self.sign * bid["amount_fen"], bid["sequence"]

    def leading(self) -> tuple[Any, Any]:
        best = min(self.own.values(), key=self.place, default={"amount_fen": None, "label": ""})
        return best["amount_fen"], best["label"]

    def run(self) -> list[str]:
        for event in self.log["events"]:
            self.number, name = event["number"], event.get("name", "")
            try:
                if hasattr(self, f"on_{name}"):
                    self.take(event, name, moment(event["at"]))
            except UNREADABLE as error:
                self.want(False, f"内容残缺 cannot be read: {type(error).__name__} {error}")
            self.last = name
        self.number = 0
        self.compare()
        return self.faults

    def take(self, event: dict[str, Any], name: str, at: datetime) -> None:
        self.want(self.at is None or self.at <= at, "时间倒退 is earlier than the event before it")
        self.want(self.status not in ("closed", "failed"), "结束之后还有记录 comes after the end")
        is_vouched = "masked" not in event or name in BY_PEOPLE or (self.is_old and name == "bid_placed")
        self.want(is_vouched, "哈希无法核对 hides what its hash needs")
        self.want(self.terms or name in BEFORE, "竞价尚未开始 comes before the opening")
        self.at = at
        getattr(self, f"on_{name}")(at, event["data"])

    def on_auction_scheduled(self, at: datetime, data: dict[str, Any]) -> None:
        self.want(self.status == "scheduled", "竞价已经开始 is scheduled after it opened")
        self.scheduled = data

    def on_auction_opened(self, at: datetime, data: dict[str, Any]) -> None:
        self.want(self.status == "scheduled", "竞价重复开始 opens a second time")
        self.is_old = "mode" not in data
        self.terms = terms = {**self.log["terms"], **data} if self.is_old else data
        self.status, self.sign = "open", {"down": 1, "up": -1}[terms["direction"]]  # amount × sign: smaller is better
        self.opens, self.ends, self.hard = (moment(terms[key]) for key in ("opens_at", "ends_at", "hard_ends_at"))
        planned = self.scheduled or terms
        self.want(moment(planned["opens_at"]) == self.opens <= at, "开始时间不符 opens at another time than announced")
        self.want(self.opens < self.ends <= self.hard, "起止时间颠倒 begins after its end")
        due = moment(planned["ends_at"])
        if terms["mode"] == "turns":  # the number of firms says how long it takes
            self.first, rules = max(self.opens, at), terms["turns"]
            each = rules["pause_seconds"] + rules["turn_seconds"] * len(terms["labels"])
            due = self.first + timedelta(seconds=rules["rounds"] * each)
        self.want(
            self.ends == due and (self.first is None or self.hard == due), "结束时间不符 ends at another time than due"
        )
        self.want(terms["mode"] in KINDS and terms["step_fen"] > 0, "竞价规则不明 has unknown terms")

    def on_round_started(self, at: datetime, data: dict[str, Any]) -> None:
        rules, turns = self.terms["turns"], data["turns"]
        is_next = self.round < data["round"] <= rules["rounds"]  # one that nobody noticed was silent and is passed over
        self.want(is_next, "轮次不符 is not a later round")
        self.round, self.turns = data["round"], turns
        placed = [bid["label"] for bid in reversed(self.standing())]
        order = sorted(set(self.terms["labels"]) - set(placed), reverse=True) + placed
        self.want([turn["label"] for turn in turns] == order, "轮流顺序不符 has another order than worst first")
        length, pause = (timedelta(seconds=rules[key]) for key in ("turn_seconds", "pause_seconds"))
        start = self.first + self.round * pause + (self.round - 1) * len(order) * length
        self.want(start <= at < self.ends, "轮次时间不符 begins before it is due")
        for place, turn in enumerate(turns):
            due = (start + place * length, start + (place + 1) * length)
            fits = (moment(turn["starts_at"]), moment(turn["ends_at"])) == due
            self.want(fits, "时段不符 has a turn of another length")

    def on_bid_placed(self, at: datetime, data: dict[str, Any]) -> None:
        terms, mode, kind = self.terms, self.terms["mode"], data.get("kind", "manual")
        amount, label, (best, leader) = data["amount_fen"], data["label"], self.leading()
        own = self.own[label]["amount_fen"] if label in self.own else None
        self.want(data["sequence"] == len(self.bids) + 1, "报价序号不连续 has another sequence than the next")
        self.want(self.status == "open", "暂停期间受理 was accepted while the auction did not run")
        self.want(at < self.ends or kind == "initial", "截止后受理 was accepted at or after the end")
        self.want(label in terms.get("labels", [label]), "未报名的代号 is of a firm that may not bid")
        self.want(type(amount) is int and amount > 0, "金额无效 has no valid amount")
        self.want(self.sign * amount <= self.sign * terms["ceiling_fen"], "超出限价 is beyond the start price")
        if kind == "initial":
            is_first = own is None and len(self.bids) == len(self.initial)
            self.initial.add(label)
            worst_first = not self.bids or self.sign * amount <= self.sign * self.bids[-1]["amount_fen"]
            self.want(is_first and worst_first, "首轮报价顺序不符 is an initial bid out of its order")
        else:
            base = best if mode == "open" else own
            reaches = base is None or self.sign * amount <= self.sign * base - terms["step_fen"]
            self.want(reaches, "未达到最小幅度 is less than a step better")
            is_again = mode != "turns" and label == leader and not terms["leader_may_improve"]
            self.want(not is_again, "领先者重复报价 is of the firm that led already")
            self.want(not self.initial or label in self.initial, "未交首轮报价 is of a firm without a first offer")
        self.want(kind in KINDS.get(mode, ()), "报价种类不明 is of an unknown kind")
        if mode == "turns" and kind != "initial":
            turn = next((one for one in self.turns if moment(one["starts_at"]) <= at < moment(one["ends_at"])), None)
            self.want(turn is not None and turn["label"] == label, "不在自己的时段 was not this firm's turn")
        ends = self.ends
        improves = best is None or self.sign * amount < self.sign * best
        if improves and mode != "turns" and kind != "initial" and self.extensions < terms["max_extensions"]:
            ends = max(ends, min(at + timedelta(seconds=terms["window_seconds"]), self.hard))
        extensions = self.extensions + (ends > self.ends)
        told = (moment(data["ends_at"]), data["extended"], data["extensions"])
        self.want(told == (ends, ends > self.ends, extensions), f"延时不符 does not move the end to {ends.isoformat()}")
        self.ends, self.extensions = told[0], told[2]
        self.bids.append(data)
        self.own[label] = data

    def on_bid_voided(self, at: datetime, data: dict[str, Any]) -> None:
        valid = {bid["sequence"]: bid["label"] for bid in self.bids if bid["sequence"] not in self.voided}
        stands = valid.get(data["sequence"]) == data["label"] and (self.paused_at or at < self.ends) and data["reason"]
        self.want(stands, "作废不成立 voids a bid that does not stand, after the end or for no reason")
        self.voided.add(data["sequence"])
        self.own = {bid["label"]: bid for bid in self.bids if bid["sequence"] not in self.voided}
        self.want(
            (data["best_fen"], data["leader"]) == self.leading(), "作废后的最优报价不符 falls back to another bid"
        )

    def on_auction_paused(self, at: datetime, data: dict[str, Any]) -> None:
        self.want(self.status == "open" and at < self.ends and bool(data["reason"]), "暂停不成立 cannot pause it now")
        self.status, self.paused_at = "paused", at

    def on_auction_resumed(self, at: datetime, data: dict[str, Any]) -> None:
        self.want(self.status == "paused" and bool(data["reason"]), "并未暂停 resumes what was not paused")
        self.move(at - (self.paused_at or at), data)
        self.status, self.paused_at = "open", None

    def on_auction_prolonged(self, at: datetime, data: dict[str, Any]) -> None:
        length = moment(data["ends_at"]) - self.ends
        fits = self.status == "open" and bool(data["reason"]) and length > timedelta(0)
        self.want(fits and at < self.ends + length, "顺延不成立 cannot be prolonged so")
        self.move(length, data)

    def move(self, length: timedelta, data: dict[str, Any]) -> None:
        """Move what remains of the auction by a length of time: its end, its latest end, the turns of the round."""
        ends, hard, turns = moment(data["ends_at"]), moment(data["hard_ends_at"]), data.get("turns") or []
        self.want((ends, hard) == (self.ends + length, self.hard + length), "顺延的时间不符 adds another length")
        told = [(turn["label"], moment(turn["starts_at"]), moment(turn["ends_at"])) for turn in turns]
        due = [
            (turn["label"], *(moment(turn[key]) + length for key in ("starts_at", "ends_at"))) for turn in self.turns
        ]
        self.want(told == due, "顺延后的时段不符 moves the turns by another length")
        self.ends, self.hard, self.turns, self.first = ends, hard, turns, self.first and self.first + length

    def on_bids_disclosed(self, at: datetime, data: dict[str, Any]) -> None:
        keys = ("sequence", "label", "amount_fen")
        told = [(*(row[key] for key in keys), row["voided"]) for row in data["bids"]]
        known = [(*(bid[key] for key in keys), bid["sequence"] in self.voided) for bid in self.bids]
        self.want(told == known, "公布的报价与记录不符 discloses other bids than were placed")

    def on_auction_closed(self, at: datetime, data: dict[str, Any]) -> None:
        self.want(self.status == "open" and at >= self.ends, "提前结束 closes before the end or while paused")
        best, leader = self.leading()
        told = (data["best_fen"], data["label"], data["sequence"], moment(data["ends_at"]))
        due = (best, leader, len(self.bids), self.ends)
        self.want(best is not None and told == due, f"结果不符 it is {due[:3]} at {utc(self.ends)}")
        is_told = self.terms["mode"] != "rank" or self.last == "bids_disclosed"
        self.want(is_told, "报价未先公布 closes before the bids are told")
        self.status = "closed"

    def on_auction_failed(self, at: datetime, data: dict[str, Any]) -> None:
        self.status = "failed"

    def compare(self) -> None:
        """Compare where the events lead with what the file calls the result."""
        best, leader = self.leading()
        found = {"status": self.status, "best_fen": best, "label": leader, "sequence": len(self.bids)}
        found |= {"extensions": self.extensions, "round": self.round}
        if self.hard:
            found |= {"ends_at": utc(self.ends), "hard_ends_at": utc(self.hard)}
        if self.terms.get("mode") == "rank" and self.status == "failed" and not self.bids:
            found = {"status": self.status}  # bids by rank stay secret when nobody wins
        for key, value in found.items():
            told = self.log.get("result", {}).get(key)
            self.want(told == value, f"结果不符 result {key}: 文件 file {told} ≠ 重算 recomputed {value}")


def is_log(log: Any) -> bool:
    """Tell whether a document has the shape of a log: its fields, and numbers and hashes for every event."""
    if not isinstance(log, dict) or log.get("format") != FORMAT or not isinstance(log.get("events"), list):
        return False
    shape = {"number": int, "previous_hash": str, "hash": str}
    return (
        all(isinstance(log.get(key), str) for key in ("tender", "process"))
        and all(isinstance(log.get(key, {}), dict) for key in ("result", "terms"))
        and all(isinstance(event, dict) for event in log["events"])
        and all(type(event.get(key)) is shape[key] for event in log["events"] for key in shape)
    )


def check(log: Any) -> list[str]:
    """Return a sentence for each thing that does not follow from the rest of a log; nothing when everything does."""
    if not is_log(log):
        return [f"不是竞价记录 is no log of the format {FORMAT}"]
    return broken_links(log) + Replay(log).run()


def main(arguments: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console that cannot show Chinese
    log: Any = None
    reason = "fields are missing"
    try:
        text = sys.stdin.buffer.read() if arguments in ([], ["-"]) else Path(arguments[0]).read_bytes()
        log = json.loads(text.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error)
    if not is_log(log):
        sys.stdout.write(f"无法读取竞价记录 This is no readable log of an auction: {reason}\n")
        return 2
    events, result, faults = log["events"], log.get("result", {}), check(log)
    lines = [f"采购编号 Tender: {log['tender']}", f"事件 Events: {len(events)}"]
    masked = [f"#{event['number']}" for event in events if "masked" in event]
    lines += [f"略去经办人、哈希未重算 hash not recomputable: {', '.join(masked)}"] if masked else []
    lines += [f"最后的哈希 Last hash: {events[-1]['hash']}"] if events else []
    lines += [f"结果 Result: {json.dumps(result, ensure_ascii=False)}"]
    sys.stdout.write("\n".join(lines + (faults or ["OK"])) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
