"""A small marketplace as documents, always the same and without a database: real services, invented firms, needs, pages."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from cms.wording import wordings
from marketplace.catalog.actions.loading import DATA
from marketplace.demo.names import FIRST_NAMES
from marketplace.parties.uscc import make_uscc
from marketplace.tenders.queries.titles import title_for
from search.actions.synonyms import SEED, check_words
from search.analysis import Meaning, place_words, service_words
from search.documents import Document
from search.lexicon import Lexicon, home_of, meaning_of
from search.models import Synonym

CITY, YUEHU, YUJIANG, GUIXI = "360600", "360602", "360603", "360681"
PLACES = {
    YUEHU: "月湖区",
    YUJIANG: "余江区",
    GUIXI: "贵溪市",
    "YT-LHS": "龙虎山风景名胜区",
    "YT-XJXQ": "信江新区",
    "360681191": "上清镇",
}
# Brands that are read in more than one way, beside the made-up ones of the demonstration.
BRANDS = (*FIRST_NAMES, "行健川", "长乐源", "重阳埠", "参天岭", "单家渡", "朝晖里", "曾巩堂", "信达", "华信达", "鼎信")
# What a firm calls itself, and what it is asked for: the first service is its trade, the others it does too.
TRADES = {
    "环境科技": ("007", "009", "011", "013"), "水利咨询": ("014", "015", "016", "017"), "测绘地理信息": ("022", "025", "026", "027"),
    "地矿勘查": ("020", "021", "030"), "岩土勘察": ("031", "020"), "建筑设计": ("032", "003", "024"), "施工图审查": ("033", "040"),
    "工程监理": ("034", "041"), "质量检测": ("035", "036", "037"), "消防技术": ("039", "038"), "造价咨询": ("044", "006"),
    "会计师事务所": ("048", "045"), "资产评估": ("046", "028"), "房地产估价": ("047", "028"), "安全技术": ("049", "051", "050"),
    "职业卫生": ("053", "054", "055"), "工程咨询": ("002", "001", "005"), "节能科技": ("004", "036"), "防雷检测": ("043", "042"),
    "招标代理": ("070",), "交通规划": ("060", "057"), "特种设备检验": ("064",),
}  # fmt: skip
PROJECTS = (
    "滨江路改造工程",
    "污水处理厂扩建工程",
    "第三中学教学楼",
    "人民医院门诊楼",
    "铜产业园厂房",
    "老旧小区改造",
    "水库除险加固工程",
    "物流仓储中心",
)
LATIN = {
    "江西数维BIM建筑科技有限公司": (YUEHU, ("032",)), "鹰潭GNSS星图测绘有限公司": (YUJIANG, ("026", "025")),
    "贵溪3D云测地理信息有限公司": (GUIXI, ("022", "027")), "EHS安环技术（鹰潭）有限公司": (YUEHU, ("049", "053")),
    "鹰潭市CMA检验检测有限公司": (YUEHU, ("035", "067")),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """The documents, and what they are about besides their words: brand and trade of firms, the slug of pages."""

    documents: tuple[Document, ...]
    brands: Mapping[str, str]  # by key
    trades: Mapping[str, str]
    slugs: Mapping[str, str]

    @cached_property
    def by_key(self) -> dict[str, Document]:
        return {document.key: document for document in self.documents}

    @property
    def names(self) -> list[str]:
        return [document.title for document in self.documents if document.kind == "firm"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the words as they are after a fresh installation, without asking a database."""
    services = _rows(DATA / "services.csv")
    regions = [(row["name"], row["level"]) for row in _rows(DATA / "regions.csv")]
    return Lexicon(
        places=place_words(name for name, _level in regions),
        home=home_of(regions),
        known=service_words(name for row in services for name in (row["name"], row["matter"])),
        meaning=_meaning(),
    )


def _meaning() -> Meaning:
    groups = (check_words(row["words"].split("|"), row["also"].split("|")) for row in _rows(SEED))
    return meaning_of(Synonym(words="\n".join(same), also="\n".join(along)) for same, along in groups)


@lru_cache(maxsize=1)
def world() -> World:
    """Return the marketplace: 70 services, 137 firms, 140 needs and the first pages."""
    documents, brands, trades, slugs = [*_services(), *_needs()], {}, {}, {}
    for document, brand, trade in _firms():
        documents.append(document)
        brands[document.key], trades[document.key] = brand, trade
    for number, page in enumerate(wordings(), start=1):
        slugs[f"notice:{number}"] = page.slug
        text = " ".join(str(value) for _kind, value in page.body)
        body = f"{page.head.get('summary', '')} · {text}"
        documents.append(
            Document("notice", number, 1, page.head["title"], body, f"/{page.slug}/", date="2026-09-01T00:00:00+00:00")
        )
    return World(tuple(documents), brands, trades, slugs)


def _services() -> Iterable[Document]:
    for number, row in enumerate(_rows(DATA / "services.csv"), start=1):
        body = " · ".join((row["matter"], row["department"], row["legal_basis"], row["requirement_text"]))
        yield Document("service", number, 1, row["name"], body, f"/services/{row['code']}/", services=(row["code"],))


def _named(codes: Iterable[str]) -> dict[str, str]:
    names = {row["code"]: row["name"] for row in _rows(DATA / "services.csv")}
    return {f"YT-ZJ-{code}": names[f"YT-ZJ-{code}"] for code in codes}


def _firm(number: int, title: str, codes: Iterable[str], region: str) -> Document:
    services = _named(codes)
    code = make_uscc(f"91{CITY}MAXX{number:05d}")
    body = f"为项目业主提供专业服务，人员持证上岗。 · {'、'.join(services.values())} · {PLACES[region]} · {code}"
    return Document(
        "firm", number, 1, title, body, f"/firms/{number}/", regions=(CITY, region), services=tuple(services),
        credit=7000 + number * 137 % 3000, date=f"2026-{number % 9 + 1:02d}-{number % 28 + 1:02d}T02:00:00+00:00",
    )  # fmt: skip


def _firms() -> Iterable[tuple[Document, str, str]]:
    trades, regions = list(TRADES), list(PLACES)
    number = 0
    for turn in range(132):
        number += 1
        brand, trade = BRANDS[turn % len(BRANDS)], trades[(turn * 5 + turn // len(BRANDS)) % len(trades)]
        ending = "" if trade.endswith("事务所") else "有限公司"
        head, mark = (("鹰潭市", ""), ("江西", ""), ("", "（演示）"), ("贵溪", ""))[turn % 4]
        region = GUIXI if head == "贵溪" else regions[turn % len(regions)]
        yield _firm(number, f"{head}{brand}{trade}{mark}{ending}", TRADES[trade], region), brand, trade
    for title, (region, codes) in LATIN.items():
        number += 1
        yield _firm(number, title, codes, region), "", ""


def _needs() -> Iterable[Document]:
    regions, services = list(PLACES), _rows(DATA / "services.csv")
    for number in range(1, 141):
        row, region = services[number * 3 % len(services)], regions[number * 7 // 3 % len(regions)]
        project = PROJECTS[number * 5 % len(PROJECTS)]
        title = title_for(PLACES[region] + project, row["name"].split("（")[0])
        body = f"按国家现行规范完成成果并配合审查。 · {row['name']} · {project}建设指挥部 · {PLACES[region]} · YT-2026-{number:04d}"
        yield Document(
            "tender", number, 1, title, body, f"/tenders/YT-2026-{number:04d}/", regions=(CITY, region),
            services=(row["code"],), status=("open", "awarded", "completed")[number % 3], method="live_auction",
            money_fen=number * 1_000_00, date=f"2026-{number % 9 + 1:02d}-{number % 27 + 1:02d}T03:00:00+00:00",
        )  # fmt: skip
