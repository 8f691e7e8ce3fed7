"""Cases for the methods' tests: rules as the first version has them, and random inputs with many equal values."""

import hashlib

TENDER = "YT2026-000123"
CEILING = 10_000_000
CRITERIA = [
    {"key": "price", "name": "报价", "points": 40, "by": "price"},
    {"key": "plan", "name": "服务方案", "points": 30, "by": "scorers"},
    {"key": "team", "name": "人员与业绩", "points": 15, "by": "scorers"},
    {"key": "credit", "name": "信用", "points": 15, "by": "credit"},
]
OWNER_CRITERIA = [
    {"key": "plan", "name": "响应方案", "points": 50, "by": "owner"},
    {"key": "team", "name": "人员", "points": 20, "by": "owner"},
    {"key": "price", "name": "报价", "points": 30, "by": "price"},
]
AMOUNT_FIRST = ["amount", "credit", "draw"]
RULES = {
    "direct": {},
    "emergency": {},
    "draw": {},
    "live_auction": {"ties": ["credit", "draw"]},
    "quotes": {"ties": ["credit", "draw"]},
    "best_price": {"ties": AMOUNT_FIRST, "factors_percent": [95, 96, 97, 98], "drop_from": 6},
    "average": {"ties": AMOUNT_FIRST, "drop_from": 5},
    "credit": {"ties": ["credit", "draw"], "long_list": 10, "short_list": 3},
    "merit": {"ties": AMOUNT_FIRST, "criteria": OWNER_CRITERIA},
    "scored": {"ties": AMOUNT_FIRST, "criteria": CRITERIA, "minimum_scorers": 3, "drop_scorers_from": 5},
}
RULES = {method: {"version": 1, **rules} for method, rules in RULES.items()}
FIXED = ("direct", "emergency", "draw", "credit")
NAMED = ("direct", "emergency")
SEED = hashlib.sha256(b"a seed for tests").hexdigest()


def code_of(number):
    return f"9136060{number:010d}X"


def make_firm(number, *amounts, credit=8000, points=None, sequence=None):
    """Return a firm's inputs; its first offer has its number as place unless `sequence` says otherwise."""
    first = number if sequence is None else sequence
    offers = [{"amount_fen": amount, "sequence": first + 1000 * index} for index, amount in enumerate(amounts)]
    return {
        "firm": f"{number}号",
        "code": code_of(number),
        "credit": credit,
        "offers": offers,
        "points": points or {},
    }


def make_inputs(*firms, ceiling=CEILING, floor=None, pick=None):
    return {"tender": TENDER, "ceiling_fen": ceiling, "floor_fen": floor, "firms": list(firms), "pick": pick}


def random_case(method, random):
    """Return inputs, rules and seed for a method; few different values, so that ties are frequent."""
    rules = dict(RULES[method])
    if rules.get("ties"):
        rules["ties"] = random.choice([rules["ties"], ["credit", "draw"], AMOUNT_FIRST, ["draw"], []])
    if "drop_from" in rules:
        rules["drop_from"] = random.choice([rules["drop_from"], 3, 4, 5])
    if method == "credit":
        rules.update(long_list=random.choice([1, 3, 10]), short_list=random.choice([1, 2, 3]))
    count = 1 if method in NAMED else random.choice([1, 2, 3, 5, 6, 7, 9])
    ceiling = random.choice([10, 1000, CEILING])
    floor = random.choice([None, None, ceiling // 2, ceiling])
    low = floor or max(1, ceiling // 3)
    prices = [
        random.randint(max(1, low - low // 4), ceiling + ceiling // 10) for _price in range(random.choice([1, 3, 8]))
    ]
    places = list(range(1, 200))
    random.shuffle(places)
    scorers = random.choice([3, 4, 5, 7])
    numbers = random.sample(range(1, 1000), count)
    firms = []
    for number in numbers:
        offers = (
            0
            if method in FIXED
            else random.choice([0, 1, 2, 3])
            if method == "live_auction"
            else random.choice([0, 1, 1, 1])
        )
        firm = make_firm(number, credit=random.choice([0, 50, 600, 1200, 1250, 1300]))
        firm["offers"] = [{"amount_fen": random.choice(prices), "sequence": places.pop()} for _offer in range(offers)]
        for row in rules.get("criteria", []):
            if row["by"] in ("owner", "scorers"):
                top = 100 * row["points"]
                width = 1 if row["by"] == "owner" else scorers
                firm["points"][row["key"]] = [random.choice([0, top // 2, top - 1, top]) for _score in range(width)]
        firms.append(firm)
    inputs = make_inputs(*firms, ceiling=ceiling, floor=floor)
    return inputs, rules, hashlib.sha256(str(random.random()).encode()).hexdigest()
