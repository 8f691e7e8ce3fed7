"""The administrators' desks, one room per noun."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from .auctions import AuctionDesk
from .bids import BidDesk, VoidDesk
from .breaks import BreakDesk
from .catalog import AliasDesk, KindDesk, MatterDesk, RegionDesk, ServiceDesk, TemplateDesk
from .entry import EntryClaimDesk, PublicityDesk, PublicityObjectionDesk
from .events import DeliveryDesk, EventDesk
from .lists import ListDesk
from .papers import MaterialDesk, ResultDesk
from .parties import OrganizationDesk, QualificationDesk
from .payments import ChargeDesk, NoticeDesk, PaymentDesk
from .payouts import RefundDesk, TransferDesk
from .penalties import PenaltyDesk
from .reconciliation import ReconciliationDesk
from .records import CommitmentDesk, EntryBatchDesk, LicenceReadingDesk
from .refused import RefusedDesk
from .rules import RuleSetDesk
from .selections import AwardDesk, SelectionDesk
from .spot_checks import SpotCheckDesk, SpotCheckRoundDesk
from .synonyms import SynonymDesk
from .tenders import ObjectionDesk, TenderDesk
from .webhooks import WebhookDeliveryDesk, WebhookEndpointDesk
from .workdays import WorkDayDesk

BUSINESS = tuple(
    desk(f"desk_{name}", url_prefix=f"desk/{name}")
    for name, desk in (
        ("qualifications", QualificationDesk),
        ("publicities", PublicityDesk),
        ("publicity_objections", PublicityObjectionDesk),
        ("claims", EntryClaimDesk),
        ("batches", EntryBatchDesk),
        ("commitments", CommitmentDesk),
        ("spot_checks", SpotCheckDesk),
        ("spot_check_rounds", SpotCheckRoundDesk),
        ("tenders", TenderDesk),
        ("auctions", AuctionDesk),
        ("voids", VoidDesk),
        ("selections", SelectionDesk),
        ("awards", AwardDesk),
        ("objections", ObjectionDesk),
        ("organizations", OrganizationDesk),
        ("penalties", PenaltyDesk),
        ("reconciliations", ReconciliationDesk),
        ("breaks", BreakDesk),
    )
)
FINANCE = tuple(
    desk(f"desk_{name}", url_prefix=f"desk/{name}")
    for name, desk in (
        ("payments", PaymentDesk),
        ("refunds", RefundDesk),
        ("transfers", TransferDesk),
        ("charges", ChargeDesk),
        ("notices", NoticeDesk),
    )
)
CATALOGUE = tuple(
    desk(f"desk_{name}", url_prefix=f"desk/{name}")
    for name, desk in (
        ("rules", RuleSetDesk),
        ("templates", TemplateDesk),
        ("services", ServiceDesk),
        ("matters", MatterDesk),
        ("materials", MaterialDesk),
        ("results", ResultDesk),
        ("kinds", KindDesk),
        ("regions", RegionDesk),
        ("aliases", AliasDesk),
        ("lists", ListDesk),
        ("workdays", WorkDayDesk),
        ("synonyms", SynonymDesk),
    )
)
MACHINERY = tuple(
    desk(f"desk_{name}", url_prefix=f"desk/{name}")
    for name, desk in (
        ("bids", BidDesk),
        ("refused", RefusedDesk),
        ("readings", LicenceReadingDesk),
        ("events", EventDesk),
        ("deliveries", DeliveryDesk),
        ("webhooks", WebhookEndpointDesk),
        ("webhook_deliveries", WebhookDeliveryDesk),
    )
)
DESKS = (*BUSINESS, *FINANCE, *CATALOGUE, *MACHINERY)


class BusinessGroup(ViewSetGroup):
    """What is decided every day."""

    menu_label = _("业务处理")
    menu_icon = "tasks"
    menu_order = 110
    items = BUSINESS


class FinanceGroup(ViewSetGroup):
    """What the finance desk looks at."""

    menu_label = _("资金")
    menu_icon = "tag"
    menu_order = 115
    items = FINANCE


class CatalogueGroup(ViewSetGroup):
    """What is curated now and then."""

    menu_label = _("规则与目录")
    menu_icon = "list-ul"
    menu_order = 120
    items = CATALOGUE


class MachineryGroup(ViewSetGroup):
    """What one looks at when something is wrong."""

    menu_label = _("运行记录")
    menu_icon = "history"
    menu_order = 130
    items = MACHINERY
