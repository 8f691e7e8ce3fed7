"""Logs of auctions, written by hand as the contract of events says: nothing of the engine is used."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import datetime, timedelta

BEGAN = datetime.fromisoformat("2026-11-02T02:00:00+00:00")
LABELS = ["23号", "41号", "77号"]
TERMS = {
    "ceiling_fen": 10_000_000,
    "step_fen": 100_000,
    "mode": "open",
    "direction": "down",
    "window_seconds": 120,
    "max_extensions": 3,
    "leader_may_improve": False,
    "sealed_first": False,
    "labels": LABELS,
    "turns": None,
}
TURNS = {"rounds": 2, "turn_seconds": 60, "pause_seconds": 30}


def at(seconds):
    """Return the moment so many seconds after the opening, as data and hashes write it."""
    return (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def chained(events, process="ocds-yt-1"):
    """Give events their numbers, links and hashes anew: what a forger with the platform's database could do."""
    previous = ""
    for number, event in enumerate(events, start=1):
        event["number"], event["previous_hash"] = number, previous
        if "name" in event and "masked" not in event:
            body = {key: event[key] for key in event if key not in {"previous_hash", "hash"}} | {"process": process}
            text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            event["hash"] = hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        else:
            event["hash"] = hashlib.sha256(f"{previous}\n{number}".encode()).hexdigest()
        previous = event["hash"]
    return events


class Log:
    """Write a log event by event; what the bids do to the end is given, not computed."""

    def __init__(self, ends=3600, hard=7200, opened=0, **terms):
        self.terms = {**TERMS, **terms}
        self.events, self.sequence, self.extensions, self.round = [], 0, 0, 0
        self.ends, self.hard = ends, hard
        self.other()
        planned = 3600 if self.terms["mode"] == "turns" else ends
        self.add(-3600, "auction_scheduled", opens_at=at(0), ends_at=at(planned))
        self.add(opened, "auction_opened", opens_at=at(0), ends_at=at(ends), hard_ends_at=at(hard), **self.terms)

    def other(self):
        """Add an event that is not about the auction: a hash."""
        self.events.append({})

    def add(self, seconds, name, visibility="public", masked=False, **data):
        event = {"name": name, "at": at(seconds), "subject": ["bidding.auction", "7"], "data": data}
        event |= {"visibility": visibility}
        event |= {"masked": True} if masked else {"actor": None, "organization": None}
        self.events.append(event)
        return self

    def bid(self, seconds, label, yuan, ends=None, kind="manual", **more):
        """Add a bid of so many yuan; `ends` is the second to which it moves the end."""
        self.sequence += 1
        extended = ends is not None
        if extended:
            self.ends, self.extensions = ends, self.extensions + 1
        data = {"sequence": self.sequence, "label": label, "amount_fen": yuan * 100, "kind": kind}
        data |= {"ends_at": at(self.ends), "extended": extended, "extensions": self.extensions}
        hidden = "private" if self.terms["mode"] == "rank" else "public"
        return self.add(seconds, "bid_placed", visibility=hidden, **{**data, **more})

    def move(self, seconds, name, length, **more):
        """Add what moves the end by a length: a resumption or a prolongation."""
        self.ends, self.hard = self.ends + length, self.hard + length
        by_person = name == "auction_resumed"
        ends = {"ends_at": at(self.ends), "hard_ends_at": at(self.hard)}
        return self.add(seconds, name, masked=by_person, reason="设备检修完毕", **ends, **more)

    def round_of(self, number, start, labels, recorded=None):
        self.round = number
        data = {"round": number, "turns": turns(start, labels)}
        return self.add(start if recorded is None else recorded, "round_started", **data)

    def disclose(self, seconds, *voided):
        rows = [event["data"] | {"at": event["at"]} for event in self.events if event.get("name") == "bid_placed"]
        keys = ("sequence", "label", "amount_fen", "kind", "at")
        bids = [{key: row[key] for key in keys} | {"voided": row["sequence"] in voided} for row in rows]
        return self.add(seconds, "bids_disclosed", bids=bids)

    def close(self, seconds, label, yuan):
        self.label, self.best = label, yuan * 100
        data = {"best_fen": self.best, "label": label, "sequence": self.sequence, "ends_at": at(self.ends)}
        return self.add(seconds, "auction_closed", **data)

    def done(self, status="closed"):
        """Return the document."""
        result = {"status": status, "best_fen": self.best, "label": self.label, "sequence": self.sequence}
        result |= {"extensions": self.extensions, "round": self.round}
        result |= {"ends_at": at(self.ends), "hard_ends_at": at(self.hard)}
        return {
            "format": "auction-log/1",
            "tender": "YT2026-000001",
            "process": "ocds-yt-1",
            "events": chained(copy.deepcopy(self.events)),
            "result": result,
        }


def turns(start, labels, length=60):
    """Return turns of a minute each from a second on."""
    places = enumerate(labels)
    return [
        {"label": label, "starts_at": at(start + length * place), "ends_at": at(start + length * (place + 1))}
        for place, label in places
    ]


def open_log():
    """An open auction in which the end moves three times, up to the limit of extensions, and a bid is declared void."""
    log = Log().bid(60, "23号", 99_000).bid(600, "41号", 95_000)
    log.other()
    log.bid(3500, "77号", 94_000, ends=3620).bid(3600, "23号", 93_000, ends=3720)
    log.add(3610, "bid_voided", sequence=4, label="23号", reason="金额少写一位", best_fen=9_400_000, leader="77号")
    log.bid(3700, "41号", 92_500, ends=3820).bid(3810, "23号", 91_500)
    return log.close(3820, "23号", 91_500).done()


def rank_log():
    """An auction by ranks: own steps count, a bid from behind moves nothing, of equal ones the earlier wins."""
    log = Log(mode="rank").bid(60, "23号", 99_000).bid(70, "41号", 99_500).bid(80, "77号", 98_000)
    log.bid(3550, "41号", 98_500).bid(3560, "23号", 97_000, ends=3680).bid(3600, "77号", 97_000)
    return log.disclose(3680).close(3680, "23号", 97_000).done()


def turns_log():
    """Two rounds of turns with a pause of the operator's in the second one, after sealed first offers."""
    terms = {"mode": "turns", "turns": TURNS, "sealed_first": True}
    log = Log(ends=420, hard=420, **terms)
    for label, yuan in (("77号", 99_000), ("41号", 98_000), ("23号", 98_000)):
        log.bid(0, label, yuan, kind="initial")
    log.round_of(1, 30, ["77号", "23号", "41号"], recorded=31).bid(40, "77号", 97_900).bid(45, "77号", 96_900)
    log.bid(150, "41号", 97_000)
    log.round_of(2, 240, ["23号", "41号", "77号"]).bid(250, "23号", 97_000)
    log.add(310, "auction_paused", masked=True, reason="设备检修").move(
        410, "auction_resumed", 100, turns=turns(340, ["23号", "41号", "77号"])
    )
    return log.bid(415, "41号", 95_500).close(520, "41号", 95_500).done()


def up_log():
    """A sale of rights: the price goes up, firms left limits, and the platform was away near the end."""
    log = Log(direction="up", ceiling_fen=1_000_000, leader_may_improve=True).bid(10, "23号", 10_000)
    log.bid(20, "41号", 12_000).bid(20, "23号", 13_000, kind="auto").bid(30, "23号", 14_000)
    log.move(3700, "auction_prolonged", 400).bid(3990, "77号", 20_000, ends=4110)
    return log.close(4115, "77号", 20_000).done()


def old_log():
    """A log from before events told their terms and left names out: the file says the terms, and bids are masked."""
    log = Log()
    log.bid(60, "23号", 99_000).bid(3590, "41号", 95_000, ends=3710).close(3711, "41号", 95_000)
    document = log.done()
    opening = document["events"][2]
    terms = {key: value for key, value in opening["data"].items() if key not in {"ends_at", "labels", "sealed_first"}}
    opening["data"] = {"ceiling_fen": 10_000_000, "ends_at": at(3600)}
    for event in document["events"]:
        if event.get("name") == "bid_placed":
            del event["data"]["kind"], event["actor"], event["organization"]
            event["masked"] = True
    chained(document["events"])
    return document | {"terms": terms}


LOGS = {"open": open_log, "rank": rank_log, "turns": turns_log, "up": up_log, "old": old_log}
