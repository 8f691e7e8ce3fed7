"""A city's worth of documents for the benchmarks of search, the same on every run, and what people ask of it."""

import csv
import random
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from search.documents import Document

Thing = TypeVar("Thing")
LISTS = Path(__file__).resolve().parents[2] / "marketplace" / "catalog" / "data"


def words(text: str) -> list[str]:
    """Return the words of a line."""
    return text.split()


SYLLABLES = words(
    "信达 丹霞 龙虎 华诚 中正 恒泰 天元 博远 鼎新 宏图 嘉禾 瑞林 明德 安泰 远景 立信 正衡 同济 开元 金桥 青石 紫云 鹏程 汇通 兴业 国泰 思源 求实 "
    "智联 广厦 长城 东方 南江 北辰 西山 中天 永固 大地 新宇 佳恒 浩博 润泽 清源 绿洲 蓝图 百川 众望 卓越 凯旋 泰和"
)
SECOND = words(
    "恒 元 昌 盛 隆 祥 和 顺 源 丰 达 通 泰 安 宁 康 吉 利 德 信 诚 正 明 光 辉 耀 宏 伟 博 雅 文 华 新 创 智 慧 远 航 程 鹏"
)
TRADES = words(
    "工程造价咨询 环境影响评价 测绘地理信息 岩土工程勘察 建筑设计 工程监理 土地房地产资产评估 安全评价 节能评估 水土保持 施工图审查 招标代理 "
    "会计师事务所 税务师事务所 检测技术 地质灾害评估 规划设计 消防技术 信息安全测评 项目管理咨询"
)
WORKS = words(
    "滨江路改造工程 第三小学教学楼 人民医院住院部 污水处理厂扩建 老旧小区改造 高标准农田建设 产业园标准厂房 市民公园 图书馆 客运枢纽站 农村公路 自来水厂 "
    "铜产业基地 智慧停车场 保障性住房 河道整治 生活垃圾焚烧发电 变电站 养老服务中心 体育馆 文化馆 桥梁加固 仓储物流园 光伏电站 中学宿舍楼"
)
ENDS = ("服务采购", "采购公告", "项目", "（二次）", "")
BODIES = (
    "预算编制与审核，竣工结算审核，全过程控制", "按国家现行规范编制报告并通过专家评审", "外业踏勘、内业整理、成果提交与验收", "服务期六十日历天，成果一式八份",
    "需驻场一名项目负责人，熟悉当地政策", "资料由业主提供，评审会由业主组织", "包含现场采样、检测与报告编制", "配合审批部门答疑直至取得批复",
)  # fmt: skip
METHODS = ("live_auction", "sealed_auction", "draw", "credit", "scoring")
STATUSES = ("open", "selecting", "awarded", "completed", "failed")
HOMOPHONES = str.maketrans("达霞虎诚正泰元图禾德景信", "答侠湖城证太园途和得警芯")
PINYIN = {
    "xinda": "信达", "danxia": "丹霞", "zaojia": "造价", "gongcheng": "工程", "huanjing": "环境", "cehui": "测绘", "jianli": "监理", "yuehu": "月湖",
    "pinggu": "评估", "shuitubaochi": "水土保持",
}  # fmt: skip
# Short forms and what they mean, as the rows of synonyms would have it.
SAME = {
    short: (short, full)
    for short, full in (
        ("环评", "环境影响评价"), ("图审", "施工图审查"), ("稳评", "社会稳定风险评估"), ("水保", "水土保持"), ("安评", "安全评价"), ("可研", "可行性研究"),
        ("地灾", "地质灾害"), ("能评", "节能评估"),
    )
}  # fmt: skip
INITIALS = {
    "gczj": "工程造价", "hjyx": "环境影响", "chdl": "测绘地理", "tdfd": "土地房地", "aqpj": "安全评价", "stbc": "水土保持", "sgtsc": "施工图审查", "xmgl": "项目管理",
}  # fmt: skip
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
NOTICES, FIRMS = 0.02, 0.28  # parts of the whole; all services, and the rest are needs


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the catalogue's lists."""
    with (LISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def places() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the name of each place below the province, with its code and those of the places around it."""
    parents = {row["code"]: row["parent"] for row in rows("regions")}

    def around(code: str) -> tuple[str, ...]:
        return (code, *around(parents[code])) if parents.get(code) else ()

    return tuple((row["name"], around(row["code"])) for row in rows("regions") if row["parent"])


def documents(count: int) -> Iterator[Document]:
    """Make `count` documents: all services, then firms, needs and notices, each older than the next of its kind."""
    dice, listed = random.Random(7), rows("services")
    kinds = tuple(f"kind-{number}" for number in range(20))
    for number, row in enumerate(listed, 1):
        body = f"{row['matter']} · {row['department']} · {row['legal_basis']} · {row['requirement_text']}"
        yield Document(
            "service", number, 1, row["name"], body, f"/services/{row['code']}/", services=(row["code"],),
            qualifications=(kinds[number % 20],), shown={"department": row["department"]},
        )  # fmt: skip
    firms, notices = int(count * FIRMS), int(count * NOTICES)
    for number in range(1, firms + 1):
        yield _firm(dice, number, TODAY - timedelta(minutes=7 * (firms - number)), kinds)
    needs = count - len(listed) - firms - notices
    for number in range(1, needs + 1):
        yield _need(dice, number, TODAY - timedelta(minutes=3 * (needs - number)), kinds)
    for number in range(1, notices + 1):
        service = _one(dice, listed)["name"]
        title = f"{_one(dice, places())[0]}关于{service}的{_one(dice, ('通知', '办事指南', '公示', '解读'))}"
        date = (TODAY - timedelta(hours=number)).isoformat(timespec="seconds")
        yield Document("notice", number, 1, title, _one(dice, BODIES), f"/notices/{number}/", date=date)


def _one(dice: random.Random, things: Sequence[Thing]) -> Thing:
    return things[int(dice.random() * len(things))]


def _place(code: str) -> tuple[float, float]:
    """Return where the seat of a place is: a made-up point of its own."""
    number = zlib.crc32(code.encode())
    return 28 + number % 89 / 100, 116.7 + number % 97 / 100


def _firm(dice: random.Random, number: int, moment: datetime, kinds: tuple[str, ...]) -> Document:
    name, codes = _one(dice, places())
    trade = _one(dice, TRADES)
    offered = tuple({_one(dice, rows("services"))["code"] for _offer in range(2)})
    credit = int(6_000 + dice.random() * 4_000)
    body = f"{_one(dice, BODIES)} · {trade}、{_one(dice, TRADES)} · {name} · 91360600MA{number:08d}"
    return Document(
        "firm", number, 1, f"{name}{_one(dice, SYLLABLES)}{_one(dice, SECOND)}{trade}有限公司", body, f"/firms/{number}/",
        codes, offered, (_one(dice, kinds),), credit=credit, credit_level="DCBA"[(credit - 6_000) // 1_000],
        date=moment.isoformat(timespec="seconds"), place=_place(codes[0]),
        shown={"region": codes[0], "services": "2"},
    )  # fmt: skip


def _need(dice: random.Random, number: int, moment: datetime, kinds: tuple[str, ...]) -> Document:
    name, codes = _one(dice, places())
    service = _one(dice, rows("services"))
    money = int(dice.random() ** 3 * 200_000_000)
    buyer = f"{name}{_one(dice, ('教育体育局', '住房保障中心', '水利局', '城市建设投资公司', '人民医院'))}"
    body = f"{_one(dice, BODIES)} · {_one(dice, TRADES)} · {buyer} · {name} · YT-2026-{number:06d}"
    date, ends = moment.isoformat(timespec="seconds"), (moment + timedelta(days=5)).isoformat(timespec="seconds")
    return Document(
        "tender", number, 1, f"{name}{_one(dice, WORKS)}{service['name']}{_one(dice, ENDS)}", body, f"/tenders/{number}/",
        codes, (service["code"],), (_one(dice, kinds),), _one(dice, STATUSES), _one(dice, METHODS), money_fen=money,
        date=date, ends=ends, place=_place(codes[0]),
        shown={"buyer": buyer, "region": codes[0], "service": service["code"]},
    )  # fmt: skip


def asked() -> dict[str, list[str]]:
    """Return what people ask, by the sort of question (those of facts on Chinese search, and the broadest there are)."""
    dice = random.Random(11)
    towns = [name for name, _codes in places()]
    brands = [_one(dice, SYLLABLES) + _one(dice, SECOND) for _brand in range(30)]
    return {
        "brand": brands,
        "brand, two characters": list(dict.fromkeys(_one(dice, SYLLABLES) for _brand in range(20))),
        "middle of a brand": [brand[1:] for brand in brands[:19]],
        "category": [row["name"] for row in rows("services")[::5]],
        "two-character word": words("造价 监理 测绘 评估 勘察 审计 检测 设计 安全 环境"),
        "place and category": [f"{_one(dice, towns)} {_one(dice, TRADES)}" for _query in range(20)],
        "run on": [f"{_one(dice, towns)}{_one(dice, TRADES)}服务" for _query in range(15)],
        "synonym": list(SAME),
        "homophone typo": [misheard(brand) for brand in brands if misheard(brand) != brand],
        "initials": list(INITIALS),
        "pinyin": list(PINYIN),
        "broad": words("工程 有限公司 鹰潭市 服务 采购公告 咨询 工 项目 报告 改造工程"),
    }


def misheard(text: str) -> str:
    """Return a text with other characters of the same sound."""
    return text.translate(HOMOPHONES)


def wanted(sort: str, text: str) -> tuple[tuple[str, ...], ...]:
    """Return what a document has to hold to be sought by a question: one of these, each of its pieces. None: nobody can say."""
    if sort in {"place and category", "run on"}:
        trade = next(trade for trade in TRADES if trade in text)
        place = text.removesuffix("服务").removesuffix(trade).strip()
        return ((place, trade),)
    if sort == "synonym":
        return tuple((word,) for word in SAME[text])
    if sort == "homophone typo":
        brands = [first + second for first in SYLLABLES for second in SECOND]
        return tuple((brand,) for brand in brands if misheard(brand) == text)
    if sort in {"initials", "pinyin"}:
        return (((INITIALS | PINYIN)[text],),)
    return () if sort == "broad" else ((text,),)


def queries() -> list[str]:
    """Return all that people ask, once each."""
    return list(dict.fromkeys(query for questions in asked().values() for query in questions))
