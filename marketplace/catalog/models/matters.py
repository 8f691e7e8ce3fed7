"""Government service matters with the elements of the national exchange table, and the papers that they take and give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.core.refusals import Invalid
from marketplace.core.uscc import check_uscc

from ..codes import check_catalog_code, check_handle_item, check_task_code
from .words import Bilingual, TimeUnit, duration_words


class ServiceMatter(Bilingual):
    """Be a government service matter (政务服务事项) that asks for the result of an intermediary service.

    `code` is the key here, a local one (YT-SX-…) where no national code is known. What nobody has said is empty or None.
    Which field is which of the 36 elements stands in `marketplace/catalog/elements.py`.
    """

    class Type(models.TextChoices):
        LICENCE = "01", _("行政许可")
        PENALTY = "02", _("行政处罚")
        COERCION = "03", _("行政强制")
        LEVY = "04", _("行政征收")
        GRANT = "05", _("行政给付")
        INSPECTION = "06", _("行政检查")
        CONFIRMATION = "07", _("行政确认")
        AWARD = "08", _("行政奖励")
        RULING = "09", _("行政裁决")
        OTHER = "10", _("其他行政权力")
        PUBLIC_SERVICE = "20", _("公共服务")

    class PowerSource(models.TextChoices):
        OWN = "own", _("法定本级行使")
        HANDED_DOWN = "handed_down", _("上级下放")
        AUTHORIZED = "authorized", _("授权行使")
        ENTRUSTED = "entrusted", _("委托行使")

    class Level(models.TextChoices):
        NATION = "nation", _("国家级")
        PROVINCE = "province", _("省级")
        CITY = "city", _("市级")
        COUNTY = "county", _("县级")
        TOWNSHIP = "township", _("镇（乡、街道）级")
        VILLAGE = "village", _("村（社区）级")

    class State(models.TextChoices):
        IN_USE = "in_use", _("在用")
        PAUSED = "paused", _("暂停")
        CANCELLED = "cancelled", _("取消")

    class DepartmentType(models.TextChoices):
        STATUTORY = "statutory", _("法定机关")
        AUTHORIZED = "authorized", _("授权组织")
        ENTRUSTED = "entrusted", _("受委托组织")

    class Served(models.TextChoices):
        PERSONS = "persons", _("自然人")
        ORGANIZATIONS = "organizations", _("法人和其他组织")
        BOTH = "both", _("自然人、法人和其他组织")

    class Handling(models.TextChoices):
        AT_ONCE = "at_once", _("即办件")
        PROMISED = "promised", _("承诺件")

    class Way(models.TextChoices):
        WINDOW = "window", _("窗口办理")
        ONLINE = "online", _("网上办理")
        BOTH = "both", _("窗口和网上办理")

    code = models.CharField(_("事项编码"), max_length=40, unique=True)
    department = models.CharField(_("主管部门"), max_length=80)
    department_en = models.CharField(_("主管部门（英文）"), max_length=160, blank=True)

    catalog_code = models.CharField(_("基本编码"), max_length=12, blank=True)
    local_catalog_code = models.CharField(_("地方基本编码"), max_length=50, blank=True)
    task_code = models.CharField(_("实施编码"), max_length=36, blank=True)
    local_task_code = models.CharField(_("地方实施编码"), max_length=50, blank=True)
    task_handle_item = models.CharField(_("业务办理项编码"), max_length=33, blank=True)
    task_type = models.CharField(_("事项类型"), max_length=2, choices=Type.choices, blank=True)
    task_state = models.CharField(_("事项状态"), max_length=10, choices=State.choices, default=State.IN_USE)
    task_version = models.PositiveIntegerField(_("事项版本"), null=True, blank=True)
    plan_effect_date = models.DateField(_("计划生效日期"), null=True, blank=True)
    plan_cancel_date = models.DateField(_("计划取消日期"), null=True, blank=True)

    by_law = models.TextField(_("设定依据"), blank=True)
    power_source = models.CharField(_("权力来源"), max_length=12, choices=PowerSource.choices, blank=True)
    use_level = models.CharField(_("行使层级"), max_length=10, choices=Level.choices, blank=True)
    department_code = models.CharField(_("实施主体编码"), max_length=18, blank=True)
    department_type = models.CharField(_("实施主体性质"), max_length=10, choices=DepartmentType.choices, blank=True)
    entrusted_by = models.CharField(_("委托部门"), max_length=80, blank=True)

    statutory_count = models.PositiveSmallIntegerField(_("法定办结时限"), null=True, blank=True)
    statutory_unit = models.CharField(
        _("法定办结时限单位"), max_length=12, choices=TimeUnit.choices, default=TimeUnit.WORKING_DAY
    )
    statutory_note = models.CharField(_("法定办结时限说明"), max_length=300, blank=True)
    promised_count = models.PositiveSmallIntegerField(_("承诺办结时限"), null=True, blank=True)
    promised_unit = models.CharField(
        _("承诺办结时限单位"), max_length=12, choices=TimeUnit.choices, default=TimeUnit.WORKING_DAY
    )
    promised_note = models.CharField(_("承诺办结时限说明"), max_length=300, blank=True)
    accept_condition = models.TextField(_("受理条件"), blank=True)
    handle_flow = models.TextField(_("办理流程"), blank=True)
    special_procedure = models.TextField(_("特别程序"), blank=True)
    is_fee = models.BooleanField(_("是否收费"), null=True, blank=True)
    fee_basis = models.TextField(_("收费依据"), blank=True)

    server_type = models.CharField(_("服务对象"), max_length=14, choices=Served.choices, blank=True)
    project_type = models.CharField(_("办件类型"), max_length=10, choices=Handling.choices, blank=True)
    handle_type = models.CharField(_("办理形式"), max_length=8, choices=Way.choices, blank=True)
    limit_scene_num = models.PositiveSmallIntegerField(_("到现场次数"), null=True, blank=True)
    is_single_login_pc = models.BooleanField(_("电脑端单点登录"), null=True, blank=True)
    is_single_login_mobile = models.BooleanField(_("移动端单点登录"), null=True, blank=True)
    online_url_pc = models.URLField(_("电脑端在线办理地址"), max_length=300, blank=True)
    online_url_mobile = models.URLField(_("移动端在线办理地址"), max_length=300, blank=True)
    transact_address = models.CharField(_("办理地点"), max_length=300, blank=True)
    transact_time = models.CharField(_("办理时间"), max_length=300, blank=True)
    link_way = models.CharField(_("咨询方式"), max_length=300, blank=True)
    supervise_way = models.CharField(_("监督投诉方式"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("政务服务事项")
        verbose_name_plural = _("政务服务事项")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=Q(plan_cancel_date=None)
                | Q(plan_effect_date=None)
                | Q(plan_cancel_date__gt=models.F("plan_effect_date")),
                name="matter_days",
                violation_error_message=_("计划取消日期要晚于计划生效日期。"),
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("catalog:matter", args=[self.code])

    def clean(self) -> None:
        """Bring the national codes into their normal form; refuse at its field what is none."""
        wrong: dict[str, str] = {}

        def take(field: str, check: Callable[..., str], **known: str) -> None:
            text = getattr(self, field)
            try:
                setattr(self, field, check(text, field=field, **known) if text else "")
            except Invalid as refused:
                wrong[field] = str(refused.message)

        take("catalog_code", check_catalog_code)
        take("department_code", check_uscc)
        known = {field: "" if field in wrong else getattr(self, field) for field in ("catalog_code", "department_code")}
        take("task_code", check_task_code, **known)
        take("task_handle_item", check_handle_item, task_code="" if "task_code" in wrong else self.task_code)
        if wrong:
            raise ValidationError(wrong)

    @property
    def department_label(self) -> str:
        """Name the department in the reader's language."""
        return self.in_language("department")

    @property
    def has_national_code(self) -> bool:
        """Tell whether any code of the national catalogue is known."""
        return bool(self.catalog_code or self.task_code)

    @property
    def statutory_label(self) -> str:
        """Say how long the law gives the department."""
        return duration_words(self.statutory_count, self.statutory_unit)

    @property
    def promised_label(self) -> str:
        """Say how long the department promises to take."""
        return duration_words(self.promised_count, self.promised_unit)

    def is_in_force(self, on: date) -> bool:
        """Tell whether this version is used on a day: planned to be by then, and neither paused nor cancelled."""
        begun = self.plan_effect_date is None or self.plan_effect_date <= on
        over = self.plan_cancel_date is not None and self.plan_cancel_date <= on
        return begun and not over and self.task_state == self.State.IN_USE


class ApplicationMaterial(Bilingual):
    """Be a paper that applicants hand in for a matter (申请材料).

    `is_from_marketplace` says that the result of an intermediary service may be it (可关联中介超市材料).
    """

    class Form(models.TextChoices):
        PAPER = "paper", _("纸质")
        ELECTRONIC = "electronic", _("电子")
        EITHER = "either", _("纸质或电子")
        BOTH = "both", _("纸质和电子")

    matter = models.ForeignKey(ServiceMatter, models.CASCADE, related_name="materials", verbose_name=_("事项"))
    form = models.CharField(_("材料形式"), max_length=12, choices=Form.choices, blank=True)
    copies = models.PositiveSmallIntegerField(_("份数"), null=True, blank=True)
    is_required = models.BooleanField(_("必要材料"), null=True, blank=True)
    is_from_marketplace = models.BooleanField(_("可关联中介超市材料"), default=False)
    note = models.CharField(_("材料说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("申请材料")
        verbose_name_plural = _("申请材料")
        ordering = ("matter", "pk")
        constraints = (models.UniqueConstraint(fields=("matter", "name"), name="material_once"),)


class ApprovalResult(Bilingual):
    """Be what a matter ends with (审批结果), and for how long it holds."""

    class Kind(models.TextChoices):
        LICENCE = "licence", _("证照")
        DECISION = "decision", _("批文")
        CONFIRMATION = "confirmation", _("证明、回执")
        OTHER = "other", _("其他")

    matter = models.ForeignKey(ServiceMatter, models.CASCADE, related_name="results", verbose_name=_("事项"))
    kind = models.CharField(_("结果类型"), max_length=12, choices=Kind.choices, blank=True)
    validity_count = models.PositiveSmallIntegerField(_("有效期限"), null=True, blank=True)
    validity_unit = models.CharField(_("有效期限单位"), max_length=12, choices=TimeUnit.choices, default=TimeUnit.YEAR)

    class Meta:
        verbose_name = _("审批结果")
        verbose_name_plural = _("审批结果")
        ordering = ("matter", "pk")
        constraints = (models.UniqueConstraint(fields=("matter", "name"), name="approval_result_once"),)

    @property
    def validity_label(self) -> str:
        """Say for how long it holds."""
        return duration_words(self.validity_count, self.validity_unit)
