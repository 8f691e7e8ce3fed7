"""The terms of the seeded needs: what each method asks for, at times that its rules allow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.workdays import add_working_days
from marketplace.parties.models import Organization
from marketplace.projects.models import InvestmentProject
from marketplace.tenders.models import NAMED, SEALED, AuctionDirection, AuctionMode, Method, Tender
from marketplace.tenders.queries.titles import title_for
from marketplace.tenders.rule_data import DEFAULTS

from . import names
from .history import DAY, HOUR, World
from .rules import SEALED_MONEY, sealed_region

SCOPE = {
    "planning": "结合项目现状与规划条件，完成{service}，并配合评审会汇报和修改，直至通过审查。",
    "environment": "开展现场踏勘与资料收集，完成{service}，成果须满足现行技术导则，并配合技术评审修改至通过。",
    "land": "按国家大地坐标系和现行规程完成外业与内业，提交{service}成果及电子数据，并配合成果检查。",
    "construction": "按现行规范和合同约定完成{service}，提交盖章成果文件一式四份及电子版，并做好现场配合。",
    "finance": "依据项目资料和计价依据完成{service}，出具正式报告，对审核意见在五个工作日内书面答复。",
    "safety": "到现场检查并采样检测，完成{service}，报告须载明依据、方法和结论，并配合主管部门核查。",
    "other": "完成{service}，提交正式成果文件和电子版，并在验收前对业主做一次讲解。",
}
REASONS = {
    Method.DIRECT: "采购金额较小，该机构熟悉现场情况，直接委托可以缩短周期。",
    Method.EMERGENCY: "连日强降雨造成边坡开裂，须立即开展检测评估，已先行委托该机构进场。",
}


def sign_up_days(method: Method) -> int:
    """Return how many working days firms have at least, by the first version of the rules."""
    return int(DEFAULTS[method]["signup_working_days"])


def published_before(signup_ends: datetime, method: Method) -> datetime:
    """Return a moment in office hours that leaves firms the working days that the rules ask for."""
    moment = localtime(signup_ends).replace(hour=10, minute=15, second=0, microsecond=0) - DAY
    while add_working_days(moment, sign_up_days(method)) > signup_ends:
        moment -= DAY
    return moment


def needs_terms(
    world: World,
    turn: int,
    *,
    method: Method,
    buyer: Organization,
    service: ServiceCategory,
    area: Region,
    project: InvestmentProject | None,
    firms: list[Organization],
    times: Mapping[str, datetime],
) -> dict[str, Any]:
    """Return the terms of a need in the form of save_draft."""
    rng = world.rng
    most = 49 if method == Method.DIRECT else 600
    ceiling = rng.randint(30, most) * 100_000  # from 30 000 yuan in fen, whole thousands
    place = project.name if project else f"{area.name}{names.FIRST_NAMES[turn % len(names.FIRST_NAMES)]}片区"
    plain = service.name.split("（")[0].split("(")[0].strip()
    money = list(Tender.MoneyKind.values)[turn % 3]
    terms: dict[str, Any] = {
        "title": title_for(place, plain),
        "service": service,
        "project": project,
        "case": project.cases.filter(matter__in=service.matters.all()).first() if project else None,
        "local_code": "" if project else f"YTDF-{turn:04d}",
        "region": project.region if project and project.region else area,
        "place": project.location[:200] if project else "",
        "method": method,
        "money_kind": money,
        "fiscal_percent": (100, 60, 30)[turn % 9 // 3] if money == Tender.MoneyKind.FISCAL else 0,
        "description": SCOPE[service.group].format(service=plain)
        + "\n报价包含现场踏勘、编制、评审配合、税费等全部费用。演示数据，内容均为虚构。",
        "delivery_days": rng.choice((15, 20, 30, 45, 60)),
        "ceiling_fen": ceiling,
        "contact_name": buyer.contact_name,
        "contact_phone": buyer.phone,
        "complaint_phone": "0701-6009999",
        **times,
    }
    return terms | _by_method(method, turn, ceiling, firms, times)


RIGHTS = (
    (
        "{name}停车场经营权（三年）",
        "出让{name}公共停车场三年的经营权，泊位 120 个，经营者自负盈亏，按规定明码标价收费。",
    ),
    (
        "{name}农贸市场摊位经营权（两年）",
        "出让{name}农贸市场 46 个摊位两年的经营权，由经营者统一管理、保洁和维护秩序。",
    ),
    ("{name}户外广告位使用权（三年）", "出让{name}沿街 8 处户外广告位三年的使用权，设置方案须符合城市容貌规定。"),
)


def auction_terms(kind: str, turn: int) -> dict[str, Any]:
    """Return what a way of bidding changes in the terms of a live auction's need."""
    if kind == "sealed":
        return {"region": sealed_region(), "money_kind": SEALED_MONEY, "fiscal_percent": 0}
    if kind == "up":
        title, words = RIGHTS[turn % len(RIGHTS)]
        name = names.FIRST_NAMES[turn % len(names.FIRST_NAMES)]
        return {
            "title": title.format(name=name),
            "description": words.format(name=name) + "\n价高者得，价款由受让人直接付给出让方。演示数据，内容均为虚构。",
            "auction_direction": AuctionDirection.UP,
            "delivery_days": 1095,
            "money_kind": Tender.MoneyKind.SOCIAL,
            "fiscal_percent": 0,
            "case": None,
        }
    return {"auction_mode": kind} if kind in {AuctionMode.RANK, AuctionMode.TURNS} else {}


def _by_method(
    method: Method, turn: int, ceiling: int, firms: list[Organization], times: Mapping[str, datetime]
) -> dict[str, Any]:
    if method == Method.LIVE_AUCTION:
        ends = {} if "auction_ends_at" in times else {"auction_ends_at": times["selection_at"] + HOUR}
        return {"step_fen": max(20_000, ceiling // 200 // 10_000 * 10_000), **ends}
    if method in NAMED:
        extra: dict[str, Any] = {"chosen_firm": firms[turn % len(firms)], "ground_reason": REASONS[method]}
        if method == Method.DIRECT:
            return extra | {"ground": Tender.Ground.SMALL}
        return extra | {"happened_at": times["selection_at"] - timedelta(hours=20)}
    if method in SEALED and turn % 2:
        return {"floor_fen": ceiling * 6 // 10 // 100 * 100}
    if method in SEALED and turn % 4 == 0:
        return {"price_kind": Tender.PriceKind.DISCOUNT}
    return {}
