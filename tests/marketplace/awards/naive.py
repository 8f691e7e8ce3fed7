"""The formulas of the domain's table a second time, written from its words without the methods' code, to be compared with it.

Everything is done the slow way: whoever is better than all others is looked for, taken out, and looked for again. Fractions
are pairs of integers, compared by multiplying crosswise.
"""

import hashlib
from functools import lru_cache


def hmac_sha256(seed, text):
    """RFC 2104 by hand."""
    key = bytes.fromhex(seed).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(one ^ 0x36 for one in key) + text.encode()).digest()
    return hashlib.sha256(bytes(one ^ 0x5C for one in key) + inner).hexdigest()


@lru_cache(maxsize=10_000)  # the slow way asks again and again
def lot(seed, tender, purpose, code, tickets=1):
    best = None
    for ticket in range(1, tickets + 1):
        value = hmac_sha256(seed, tender + "|" + purpose + "|" + code + "|" + str(ticket))
        if best is None or value < best:
            best = value
    return best


def take_best(rows, is_better):
    """Selection sort: whoever no other is better than comes next."""
    rows, ordered = list(rows), []
    while rows:
        best = rows[0]
        for row in rows[1:]:
            if is_better(row, best):
                best = row
        rows.remove(best)
        ordered.append(best)
    return ordered


class Naive:
    """One case; each method gives (labels in order, {label: reason} of the others, facts)."""

    def __init__(self, inputs, rules, seed):
        self.inputs, self.rules, self.seed, self.tender = inputs, rules, seed, inputs["tender"]
        self.facts = {}

    def answer(self, method):
        ordered, gone = getattr(self, method)()
        return [firm["firm"] for firm in ordered], gone, self.facts

    # who counts

    def counting(self):
        counting, gone = [], {}
        for firm in self.inputs["firms"]:
            prices = []
            for offer in firm["offers"]:
                too_low = self.inputs["floor_fen"] is not None and offer["amount_fen"] < self.inputs["floor_fen"]
                if not too_low and offer["amount_fen"] <= self.inputs["ceiling_fen"]:
                    prices.append((offer["amount_fen"], offer["sequence"]))
            if prices:
                price, sequence = min(prices)
                counting.append({**firm, "price": price, "sequence": sequence})
            elif not firm["offers"]:
                gone[firm["firm"]] = "no_offer"
            elif min(offer["amount_fen"] for offer in firm["offers"]) > self.inputs["ceiling_fen"]:
                gone[firm["firm"]] = "above_ceiling"
            else:
                gone[firm["firm"]] = "below_floor"
        return counting, gone

    def wins_tie(self, one, other):
        for tie in self.rules["ties"]:
            if tie == "credit" and one["credit"] != other["credit"]:
                return one["credit"] > other["credit"]
            if tie == "amount" and one["price"] != other["price"]:
                return one["price"] < other["price"]
            if tie == "draw":
                break
        return lot(self.seed, self.tender, "tie", one["code"]) < lot(self.seed, self.tender, "tie", other["code"])

    # the owner fixes the price

    def direct(self):
        return self.inputs["firms"], {}

    emergency = direct

    def draw(self):
        def earlier(one, other):
            return lot(self.seed, self.tender, "draw", one["code"]) < lot(self.seed, self.tender, "draw", other["code"])

        return take_best(self.inputs["firms"], earlier), {}

    def credit(self):
        def trusted(one, other):
            if one["credit"] == other["credit"]:
                return lot(self.seed, self.tender, "tie", one["code"]) < lot(
                    self.seed, self.tender, "tie", other["code"]
                )
            return one["credit"] > other["credit"]

        def tickets(firm):
            return firm["credit"] // 100 if firm["credit"] >= 100 else 1

        def drawn_before(one, other):
            mine = lot(self.seed, self.tender, "draw", one["code"], tickets(one))
            return mine < lot(self.seed, self.tender, "draw", other["code"], tickets(other))

        ranked = take_best(self.inputs["firms"], trusted)
        gone, long = {}, []
        for firm in ranked:
            if len(long) < self.rules["long_list"]:
                long.append(firm)
            else:
                gone[firm["firm"]] = "cut_off"
        drawn, short = take_best(long, drawn_before), []
        for firm in drawn:
            if len(short) < self.rules["short_list"]:
                short.append(firm)
            else:
                gone[firm["firm"]] = "not_drawn"
        self.facts["short_list"] = [firm["firm"] for firm in short]
        for firm in short:
            if firm["firm"] == self.inputs["pick"]:
                short = [firm] + [other for other in short if other is not firm]
                break
        return short, gone

    # the lowest price

    def live_auction(self):
        counting, gone = self.counting()

        def better(one, other):
            if one["price"] == other["price"]:
                return one["sequence"] < other["sequence"]
            return one["price"] < other["price"]

        return take_best(counting, better), gone

    def cheaper(self, one, other):
        if one["price"] == other["price"]:
            return self.wins_tie(one, other)
        return one["price"] < other["price"]

    def quotes(self):
        counting, gone = self.counting()
        return take_best(counting, self.cheaper), gone

    # the nearest price

    def without_extremes(self, counting, gone):
        if len(counting) < self.rules["drop_from"]:
            return counting
        rest = take_best(counting, self.cheaper)
        gone[rest.pop()["firm"]] = "dropped_high"  # dearest, and last of the equally dear
        lowest = 0
        while lowest + 1 < len(rest) and rest[lowest + 1]["price"] == rest[0]["price"]:
            lowest += 1
        gone[rest.pop(lowest)["firm"]] = "dropped_low"
        return rest

    def best_price(self):
        counting, gone = self.counting()
        if not counting:
            return [], gone
        factor, best = None, None
        for option in self.rules["factors_percent"]:
            value = lot(self.seed, self.tender, "factor", str(option))
            if best is None or value < best:
                factor, best = option, value
        rest = self.without_extremes(counting, gone)
        total = 0
        for firm in rest:
            total += firm["price"]
        # total / count x factor / 100, half up: twice the number, plus one, halved and cut.
        reference = (2 * total * factor + 100 * len(rest)) // (200 * len(rest))
        self.facts.update(factor_percent=factor, reference_fen=reference)

        def nearer(one, other):
            mine, its = abs(one["price"] - reference), abs(other["price"] - reference)
            return mine < its if mine != its else self.wins_tie(one, other)

        return take_best(rest, nearer), gone

    def average(self):
        counting, gone = self.counting()
        if not counting:
            return [], gone
        rest = self.without_extremes(counting, gone)
        count, total = len(rest), 0
        for firm in rest:
            total += firm["price"]
        below = [firm for firm in rest if firm["price"] * count <= total]
        above = [firm for firm in rest if firm["price"] * count > total]

        def nearer(one, other):
            mine, its = abs(one["price"] * count - total), abs(other["price"] * count - total)
            return mine < its if mine != its else self.wins_tie(one, other)

        return take_best(below, nearer) + take_best(above, nearer), gone

    # points

    def merit(self):
        counting, gone = self.counting()
        if not counting:
            return [], gone
        lowest = counting[0]["price"]
        for firm in counting:
            lowest = min(firm["price"], lowest)
        totals = {}
        for firm in counting:
            above, below = 0, 1
            for row in self.rules["criteria"]:
                if row["by"] == "price":
                    top, bottom = lowest * row["points"], firm["price"]
                elif row["by"] == "credit":
                    top, bottom = firm["credit"] * row["points"], 100 * 100
                else:
                    scores = list(firm["points"][row["key"]])
                    if len(scores) >= self.rules.get("drop_scorers_from", 10**9):
                        scores.remove(max(scores))
                        scores.remove(min(scores))
                    top, bottom = sum(scores), 100 * len(scores)
                above, below = above * bottom + top * below, below * bottom
            totals[firm["firm"]] = (above, below)
        self.facts["totals"] = totals

        def better(one, other):
            (a, b), (c, d) = totals[one["firm"]], totals[other["firm"]]
            return a * d > c * b if a * d != c * b else self.wins_tie(one, other)

        return take_best(counting, better), gone

    scored = merit
