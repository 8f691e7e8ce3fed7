"""What the contract is tried on: a few documents with names, and a town of them made by counting."""

from __future__ import annotations

from collections.abc import Iterator

from search.analysis import place_words
from search.documents import Document

CITY = "360600"
FIRMS = [
    Document("firm", 1, 1, "鹰潭信达环境影响评价有限公司", "月湖区 环境影响报告书编制 水土保持方案", "/firms/1/",
             (CITY, "360602"), ("S007", "S014"), ("Q1", "Q2"), credit=9200, credit_level="A", date="2026-01-05T02:00:00Z"),
    Document("firm", 2, 1, "江西丹霞工程造价咨询有限公司", "余江区 工程造价咨询 预算 结算", "/firms/2/",
             (CITY, "360603"), ("S044",), ("Q2",), credit=8800, credit_level="B", date="2026-02-01T02:00:00Z"),
    Document("firm", 3, 1, "龙虎山BIM测绘有限公司", "龙虎山 多测合一 Revit2026", "/firms/3/",
             (CITY, "360699"), ("S026",), date="2026-03-01T02:00:00Z"),
]  # fmt: skip
TENDERS = [
    Document("tender", 1, 1, "月湖区滨江路改造工程造价咨询", "预算编制与审核", "/tenders/YT-2026-0001/",
             (CITY, "360602"), ("S044",), (), "open", "live_auction", money_fen=30_000_00, date="2026-04-01T02:00:00Z",
             ends="2026-04-20T01:00:00Z", place=(28.24, 117.03)),
    Document("tender", 2, 1, "余江区污水厂环境影响报告书编制", "环评", "/tenders/YT-2026-0002/",
             (CITY, "360603"), ("S007",), ("Q1",), "awarded", "live_auction", money_fen=80_000_00, date="2026-05-01T02:00:00Z",
             ends="2026-05-10T01:00:00Z", place=(28.21, 116.82)),
    Document("tender", 3, 1, "信江新区图书馆施工图设计文件审查", "房屋建筑", "/tenders/YT-2026-0003/",
             (CITY, "360602"), ("S033",), (), "open", "live_auction", money_fen=50_000_00, date="2026-06-01T02:00:00Z"),
]  # fmt: skip
SERVICES = [
    Document(
        "service", 44, 1, "工程造价咨询（预算、结算、审核）", "政府投资 竣工决算", "/services/S044/", (), ("S044",)
    ),
]
ALL = [*FIRMS, *TENDERS, *SERVICES]
PLACES = place_words(["月湖区", "余江区", "鹰潭市"])
MEANING = {
    "环评": ("环评", "环境影响评价", "环境影响报告"),
    "环境影响评价": ("环境影响评价", "环评"),
    "图审": ("图审", "施工图审查", "施工图设计文件审查"),
    "水保": ("水保", "水土保持"),
}

_TOWNS = ("月湖区", "余江区", "贵溪市", "龙虎山", "信江新区")
_BRANDS = ("信达", "丹霞", "华信达", "龙虎", "滨江", "BIM", "Revit", "中恒")
_WORK = ("工程造价咨询", "环境影响评价", "测绘", "水土保持方案编制", "施工图审查", "环评", "社会稳定风险评估")
_ENDINGS = ("有限公司", "事务所", "项目", "")


def town(count: int = 240) -> Iterator[Document]:
    """Yield documents of all kinds, in which words, dates and places come again in different neighbourhoods."""
    for number in range(count):
        place, brand = _TOWNS[number % 5], _BRANDS[number * 3 % 8]
        work, ending = _WORK[number * 5 % 7], _ENDINGS[number % 4]
        is_tender = number % 3 == 0
        yield Document(
            ("tender", "firm", "notice")[number % 3],
            number,
            1,
            f"{place}{brand}{work}{ending}" if number % 2 else f"{brand}{work}（{place}）{ending}",
            f"{_WORK[number * 2 % 7]} {_TOWNS[number * 7 % 5]} {_BRANDS[number % 8]}，{work}",
            f"/{number}/",
            (CITY, f"36060{number % 5}") if number % 11 else (),
            (f"S{number % 13:03}",),
            tuple(f"Q{at}" for at in range(number % 4)),
            ("open", "awarded", "")[number % 3],
            "live_auction" if is_tender else "",
            credit=None if is_tender else 6000 + number % 9 * 500,
            credit_level="" if is_tender else "ABC"[number % 9 // 3],
            money_fen=number * 7_919_00 % 900_000_00 if is_tender and number % 4 else None,
            date=f"2026-{1 + number % 9:02}-{1 + number % 28:02}T02:00:00Z" if number % 10 else "",
            ends=f"2026-{1 + number % 12:02}-15T02:00:00Z" if is_tender and number % 6 else "",
            place=(28.0 + number % 17 / 50, 116.8 + number % 23 / 50) if number % 5 else None,
        )


QUERIES = (
    "信达", "华信达", "虎山", "造价", "造价咨询 月湖区", "月湖区造价咨询", "余江丹霞测绘", "环评", "环境影响评价", "图审", "水保", "霞", "工",
    "danxia", "danxiagongch", "zaojia", "gczj", "xd", "bim", "ＢＩＭ测绘", "revit", "REVIT 测绘", "单霞工程", "心达", "丹霞地质公园",
    "月湖区信达工程造价咨询有限公司", "滨江水土保持方案编制项目", "信达 环评 贵溪", "不存在的词语组合体", "b", "测绘（月湖区）",
)  # fmt: skip
SPANS = {
    "spring": ("2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z"),
    "late": ("2026-05-15T00:00:00Z", ""),
    "early": ("", "2026-02-01T00:00:00Z"),
    "ever": ("", ""),
    "never": ("2030-01-01T00:00:00Z", ""),
}
NOW = "2026-06-15T02:00:00Z"
ORIGIN = (28.238, 117.069)
