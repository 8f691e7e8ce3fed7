"""Ways to forge the log of an auction so that its hashes still fit, each with the words of the sentence that finds it."""

from __future__ import annotations

import copy

from tests.marketplace.bidding.auction_logs import at, chained, turns


def event(log, name, which=0):
    return [one for one in log["events"] if one.get("name") == name][which]


def bid(log, sequence):
    return next(one for one in log["events"] if one.get("name") == "bid_placed" and one["data"]["sequence"] == sequence)


def forged(log, change):
    """Change a log and chain it anew, as somebody could who holds the database: the hashes fit, the rules do not."""
    log = copy.deepcopy(log)
    change(log)
    chained(log["events"])
    return log


def set_data(name, which=0, /, **values):
    return lambda log: event(log, name, which)["data"].update(values)


def set_bid(which, /, **values):
    return lambda log: bid(log, which)["data"].update(values)


def move(sequence, seconds):
    return lambda log: bid(log, sequence).update(at=at(seconds))


def drop(name, which=0):
    return lambda log: log["events"].remove(event(log, name, which))


def hide(sequence):
    """Give a bid as if it were another event of the process."""

    def change(log):
        place = log["events"].index(bid(log, sequence))
        log["events"][place] = {}

    return change


def swap(log):
    rows = log["events"]
    first, second = rows.index(bid(log, 1)), rows.index(bid(log, 2))
    rows[first], rows[second] = rows[second], rows[first]


def another_winner(log):
    event(log, "auction_closed")["data"].update(label="41号", best_fen=9_250_000)
    log["result"].update(label="41号", best_fen=9_250_000)


def bid_after_the_close(log):
    late = copy.deepcopy(bid(log, 6))
    late["data"].update(sequence=7, amount_fen=9_000_000, label="41号")
    late["at"] = at(3830)
    log["events"].append(late)


def masked_bid(log):
    one = bid(log, 2)
    one["masked"] = True
    del one["actor"], one["organization"]


def opens_early(log):
    event(log, "auction_opened")["at"] = at(-1)


FORGERIES = [
    ("open", swap, "another sequence"),
    ("open", hide(2), "another sequence"),
    ("open", drop("bid_voided"), "less than a step"),
    ("open", set_bid(2, sequence=3), "another sequence"),
    ("open", set_bid(2, amount_fen=9_850_000), "less than a step"),
    ("open", set_bid(1, amount_fen=10_000_001), "beyond the start price"),
    ("open", set_bid(1, amount_fen=0), "no valid amount"),
    ("open", set_bid(1, amount_fen=9_900_000.0), "no valid amount"),
    ("open", set_bid(2, label="23号"), "led already"),
    ("open", set_bid(2, label="99号"), "may not bid"),
    ("open", set_bid(2, kind="favor"), "unknown kind"),
    ("open", set_bid(2, kind="initial"), "out of its order"),
    ("open", set_bid(3, extended=False, extensions=0, ends_at=at(3600)), "does not move the end"),
    ("open", set_bid(3, ends_at=at(3640)), "does not move the end"),
    ("open", set_bid(2, extended=True, extensions=1, ends_at=at(3720)), "does not move the end"),
    ("open", set_bid(6, extended=True, extensions=4, ends_at=at(3930)), "does not move the end"),
    ("open", move(3, 3600), "at or after the end"),
    ("open", move(2, 30), "earlier than the event before"),
    ("open", opens_early, "opens at another time"),
    ("open", set_data("auction_opened", opens_at=at(5)), "opens at another time"),
    ("open", set_data("auction_opened", ends_at=at(3500)), "ends at another time"),
    ("open", set_data("auction_opened", ends_at=at(-5)), "begins after its end"),
    ("open", set_data("auction_opened", step_fen=0), "unknown terms"),
    ("open", set_data("auction_opened", mode="dutch"), "unknown terms"),
    ("open", drop("auction_opened"), "comes before the opening"),
    ("open", set_data("bid_voided", sequence=2, label="41号"), "falls back to another"),
    ("open", set_data("bid_voided", label="41号"), "does not stand"),
    ("open", set_data("bid_voided", reason=""), "for no reason"),
    ("open", lambda log: event(log, "bid_voided").update(at=at(3720)), "after the end or for"),
    ("open", set_data("bid_voided", best_fen=9_500_000, leader="41号"), "falls back to another"),
    ("open", lambda log: event(log, "auction_closed").update(at=at(3819)), "closes before the end"),
    ("open", another_winner, "it is"),
    ("open", set_data("auction_closed", sequence=5), "it is"),
    ("open", set_data("auction_closed", ends_at=at(3930)), "it is"),
    ("open", bid_after_the_close, "comes after the end"),
    ("open", drop("auction_closed"), "result status"),
    ("open", lambda log: log["result"].update(best_fen=9_000_000), "result best_fen"),
    ("open", lambda log: log["result"].update(label="41号"), "result label"),
    ("open", lambda log: log["result"].update(extensions=2), "result extensions"),
    ("open", lambda log: log["result"].update(hard_ends_at=at(7201)), "result hard_ends_at"),
    ("open", masked_bid, "hides what its hash needs"),
    ("rank", set_bid(5, amount_fen=9_850_000), "less than a step"),
    ("rank", set_bid(4, extended=True, extensions=1, ends_at=at(3670)), "does not move the end"),
    ("rank", set_bid(6, amount_fen=9_600_000), "does not move the end"),
    ("rank", set_bid(5, kind="auto"), "unknown kind"),
    ("rank", set_data("auction_closed", label="77号"), "it is"),
    ("rank", drop("bids_disclosed"), "before the bids are told"),
    ("rank", lambda log: event(log, "bids_disclosed")["data"]["bids"].pop(), "discloses other bids"),
    ("rank", lambda log: event(log, "bids_disclosed")["data"]["bids"][1].update(voided=True), "discloses other bids"),
    ("turns", move(4, 95), "not this firm's turn"),
    ("turns", move(4, 20), "earlier than the event before"),
    ("turns", set_bid(6, amount_fen=9_750_000), "less than a step"),
    ("turns", set_bid(1, amount_fen=9_700_000), "out of its order"),
    ("turns", set_data("round_started", turns=turns(30, ["23号", "77号", "41号"])), "another order"),
    ("turns", set_data("round_started", turns=turns(31, ["77号", "41号", "23号"])), "another length"),
    ("turns", set_data("round_started", turns=turns(30, ["77号", "41号", "23号"], length=50)), "another length"),
    ("turns", set_data("round_started", 1, round=3), "not a later round"),
    ("turns", lambda log: event(log, "round_started").update(at=at(29)), "before it is due"),
    ("turns", set_data("auction_opened", ends_at=at(421), hard_ends_at=at(421)), "ends at another time"),
    ("turns", set_data("auction_resumed", ends_at=at(521)), "adds another length"),
    ("turns", set_data("auction_resumed", turns=turns(341, ["23号", "41号", "77号"])), "moves the turns"),
    ("turns", set_data("auction_resumed", turns=[]), "moves the turns"),
    ("turns", drop("auction_resumed"), "did not run"),
    ("turns", drop("auction_paused"), "was not paused"),
    ("turns", move(7, 405), "earlier than the event before"),
    ("up", set_bid(2, amount_fen=1_050_000), "less than a step"),
    ("up", set_bid(1, amount_fen=999_999), "beyond the start price"),
    ("up", set_data("auction_opened", leader_may_improve=False), "led already"),
    ("up", set_data("auction_prolonged", hard_ends_at=at(7200)), "adds another length"),
    ("up", set_data("auction_prolonged", ends_at=at(3600), hard_ends_at=at(7200)), "cannot be prolonged"),
    ("up", set_data("auction_prolonged", reason=""), "cannot be prolonged"),
    ("up", drop("auction_prolonged"), "at or after the end"),
    ("up", set_data("auction_closed", label="23号", best_fen=1_400_000), "it is"),
    ("old", lambda log: log["terms"].update(step_fen=500_000), "less than a step"),
    ("old", set_bid(2, amount_fen=9_850_000), "less than a step"),
    ("old", lambda log: log.pop("terms"), "cannot be read"),
    ("old", lambda log: event(log, "auction_closed").update(masked=True), "fields"),
]
