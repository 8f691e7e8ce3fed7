"""Words for events: one sentence per event name, filled from the event's own data."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Event
from .money import format_yuan

WORDS: dict[str, Any] = {
    "organization_entered": _("完成入驻"),
    "organization_changed": _("更新了登记信息"),
    "organization_suspended": _("被暂停承接业务：%(reason)s"),
    "organization_restored": _("恢复承接业务：%(reason)s"),
    "organization_removed": _("被清退"),
    "offering_added": _("增加了可承接的服务"),
    "offering_withdrawn": _("撤下了一项服务"),
    "offering_suspended": _("一项服务因资质不足暂停"),
    "offering_restored": _("一项服务恢复承接"),
    "qualification_declared": _("申报了资质"),
    "qualification_confirmed": _("资质核验通过"),
    "qualification_refused": _("资质核验未通过"),
    "qualification_ended": _("资质失效"),
    "qualification_read": _("从证照库取得资质"),
    "organization_listed": _("由%(association)s代为登记，等待本单位确认"),
    "licence_compared": _("与证照库核对一致"),
    "licence_contradicted": _("与证照库核对，有 %(fields)s 项不一致"),
    "practitioner_joined": _("登记了一名执业人员"),
    "practitioner_left": _("一名执业人员离开"),
    "claim_filed": _("有人申请代表本单位办理"),
    "claim_answered": _("管理员不同意代表申请，交平台决定"),
    "claim_escalated": _("代表申请逾期没有答复，交平台决定"),
    "claim_granted": _("同意了代表申请"),
    "claim_refused": _("没有同意代表申请"),
    "project_pulled": _("从审批平台取得项目信息"),
    "tender_drafted": _("起草需求"),
    "tender_changed": _("修改需求草稿"),
    "tender_published": _("发布采购公告"),
    "tender_cancelled": _("取消采购：%(reason)s"),
    "tender_failed": _("采购未成交：%(reason)s"),
    "tender_completed": _("采购过程完成"),
    "tender_amended": _("变更公告：%(reason)s"),
    "tender_voided": _("置为无效：%(reason)s"),
    "tender_scrapped": _("废置：%(reason)s"),
    "tender_reposted": _("再次采购，此前的需求是 %(former)s"),
    "tender_followed": _("已再次采购，新的需求是 %(number)s"),
    "firm_avoided": _("列入回避：%(firm)s，%(reason)s"),
    "firm_avoidance_ended": _("不再回避：%(firm)s"),
    "firm_invited": _("邀请机构报价，共 %(count)s 家"),
    "firm_uninvited": _("撤回一份邀请，现有 %(count)s 家"),
    "firm_named": _("业主选定机构：%(firm)s"),
    "rules_adopted": _("修订选取规则，第 %(version)s 版，%(since_at)s 起生效"),
    "signup_extended": _("报名延长到 %(signup_ends_at)s：%(reason)s"),
    "selection_started": _("报名截止，进入选取"),
    "selection_committed": _("公布随机种子的承诺值"),
    "pool_frozen": _("参加名单冻结，共 %(firms)s 家，公布名单指纹"),
    "nonce_set": _("一家机构为随机种子加入了自己的数"),
    "bidder_excluded": _("剔除%(label)s：%(reason)s"),
    "offer_box_created": _("设立密封报价箱"),
    "offer_sealed": _("收到一份密封报价，箱内现有 %(offers)s 份"),
    "offer_withdrawn": _("一份密封报价被撤回，箱内现有 %(offers)s 份"),
    "offers_opened": _("同时开启 %(offers)s 份密封报价"),
    "judging_started": _("开始评审，%(judging_ends_at)s 截止"),
    "scorer_appointed": _("邀请评审人员，现有 %(scorers)s 名"),
    "scorer_dismissed": _("调整评审人员，现有 %(scorers)s 名"),
    "scores_locked": _("一份评分已锁定"),
    "firm_picked": _("业主从短名单中选择%(label)s：%(reason)s"),
    "selection_decided": _("选取完成，%(firms)s 家参加，%(label)s排名第一，公布密值和种子"),
    "selection_failed": _("选取没有结果：%(reason)s"),
    "question_asked": _("有机构提问"),
    "question_answered": _("业主答复提问"),
    "auction_scheduled": _("竞价定于 %(opens_at)s 开始"),
    "bidder_signed_up": _("一家机构报名，现有 %(bidders)s 家"),
    "bidder_withdrawn": _("一家机构撤回报名，现有 %(bidders)s 家"),
    "bidder_ready": _("一家机构确认就绪，现有 %(ready)s 家"),
    "auction_opened": _("竞价开始，起始价 %(ceiling)s 元"),
    "round_started": _("轮流报价第 %(round)s 轮开始"),
    "proxy_set": _("%(label)s留下代理报价的底线，公布承诺值 %(commitment)s"),
    "proxy_withdrawn": _("%(label)s撤回代理报价的底线"),
    "auction_paused": _("竞价暂停：%(reason)s"),
    "auction_resumed": _("竞价恢复，结束时间顺延到 %(ends_at)s：%(reason)s"),
    "auction_prolonged": _("竞价顺延到 %(ends_at)s：%(reason)s"),
    "void_requested": _("提出作废%(label)s的第 %(sequence)s 次报价：%(reason)s"),
    "bid_voided": _("%(label)s的第 %(sequence)s 次报价作废：%(reason)s"),
    "bids_disclosed": _("公布全部报价，共 %(bids)s 次"),
    "bid_placed": _("%(label)s报价 %(amount)s 元（第 %(sequence)s 次报价）"),
    "auction_closed": _("竞价结束，最优价 %(best)s 元，由%(label)s报出"),
    "auction_failed": _("竞价未成功：%(reason)s"),
    "award_proposed": _("公示中选结果：%(firm)s，%(amount)s 元"),
    "award_objected": _("收到对中选结果的异议"),
    "objection_decided": _("异议处理完毕：%(decision)s"),
    "award_confirmed": _("确认中选：%(firm)s，%(amount)s 元"),
    "standstill_ended": _("公示期满，等待%(firm)s确认承接，%(accept_ends_at)s 截止"),
    "award_accepted": _("%(firm)s确认承接"),
    "award_declined": _("%(firm)s放弃：%(reason)s"),
    "award_lapsed": _("%(firm)s逾期未确认，视为放弃"),
    "award_revoked": _("撤销%(firm)s的中选结果：%(reason)s"),
    "contract_drafted": _("生成合同草稿 %(contract)s"),
    "contract_revised": _("修改合同草稿"),
    "contract_offered": _("合同定稿，等待双方签订"),
    "contract_signed": _("%(firm)s签署合同"),
    "contract_activated": _("双方签订完成，合同生效，金额 %(amount)s 元"),
    "contract_completed": _("合同履行完毕"),
    "price_received": _("业主确认收到价款 %(amount)s 元"),
    "payment_intent_created": _("发起付款 %(amount)s 元"),
    "payment_intent_succeeded": _("付款 %(amount)s 元到账，由平台托管"),
    "payment_intent_canceled": _("付款已取消"),
    "payment_attempt_failed": _("一次付款没有完成"),
    "webhook_endpoint_created": _("登记支付事件推送地址 %(url)s"),
    "webhook_endpoint_changed": _("修改支付事件推送地址"),
    "webhook_endpoint_deleted": _("删除支付事件推送地址"),
    "webhook_secret_rolled": _("更换支付事件推送密钥"),
    "webhook_event_resent": _("重新推送支付事件 %(event)s"),
    "refund_created": _("发起退款 %(amount)s 元"),
    "refund_succeeded": _("退款 %(amount)s 元完成"),
    "transfer_created": _("发起结算 %(amount)s 元"),
    "transfer_paid": _("结算 %(amount)s 元已付给中介机构"),
    "transfer_failed": _("结算没有成功，等待重试"),
    "transfer_reversed": _("撤回结算 %(amount)s 元"),
    "invoice_requested": _("申请开具发票 %(amount)s 元"),
    "invoice_issued": _("开具发票 %(amount)s 元"),
    "invoice_voided": _("发票作废：%(reason)s"),
    "milestone_funded": _("节点%(number)s款项已托管"),
    "milestone_delivered": _("节点%(number)s提交成果“%(name)s”"),
    "deliverable_returned": _("节点%(number)s成果被退回修改"),
    "milestone_accepted": _("节点%(number)s成果验收通过"),
    "milestone_settled": _("节点%(number)s款项已结算"),
    "review_published": _(
        "业主评价：质量 %(quality)s 星、时效 %(timeliness)s 星、态度 %(attitude)s 星、收费 %(price)s 星、规范 %(conduct)s 星"
    ),
    "qualification_renewed": _("资质更新"),
    "certificate_ended": _("执业证书失效"),
    "certificate_renewed": _("执业证书更新"),
    "spot_checks_committed": _("公布抽查种子的承诺值，抽取 %(count)s 家，定于 %(draws_at)s"),
    "spot_check_population_fixed": _("抽查范围确定，共 %(firms)s 家，公布名单指纹"),
    "spot_checks_drawn": _("公布种子，抽出 %(firms)s 家"),
    "spot_check_ordered": _("被抽中接受抽查"),
    "spot_check_passed": _("抽查合格：%(findings)s"),
    "spot_check_failed": _("抽查发现问题：%(findings)s"),
    "offering_opened": _("一项服务开始承接"),
    "offering_announced": _("一项服务进入公示"),
    "publicity_opened": _("公示 %(services)s 项服务所凭的资质，到 %(ends_at)s"),
    "publicity_passed": _("公示结束"),
    "publicity_objected": _("公示期间有人提出异议，公示暂缓"),
    "publicity_objection_dismissed": _("公示异议不成立：%(reason)s"),
    "publicity_objection_upheld": _("公示异议成立：%(reason)s"),
    "offering_checked_again": _("一项服务重新等待资质核验"),
    "member_added": _("增加了经办人"),
    "member_changed": _("修改了成员的权限"),
    "member_removed": _("移除了成员"),
    "service_changed": _("目录中的一项服务有变更"),
    "catalog_loaded": _("载入事项目录：%(services)s 项服务"),
    "synonyms_loaded": _("载入同义词，共 %(groups)s 组"),
    "synonym_added": _("添加同义词：%(group)s"),
    "synonym_changed": _("修改同义词：%(group)s"),
    "synonym_removed": _("删除同义词：%(group)s"),
    "catalog_imported": _("按文件更新目录：新增 %(new)s 行，修改 %(changed)s 行"),
    "catalog_row_added": _("目录新增：%(name)s（%(code)s）"),
    "catalog_row_changed": _("修改目录：%(name)s（%(code)s），改了 %(changes)s 项"),
    "work_day_changed": _("更正工作日历：%(date)s，依据%(source)s"),
    "calendar_imported": _("录入 %(year)s 年工作日历，依据%(source)s"),
    "calendar_loaded": _("载入工作日历：%(days)s 天，到 %(until)s"),
    "review_replied": _("机构回复评价"),
    "penalty_imposed": _("记录不良行为：%(label)s（扣 %(points)s 分）"),
    "penalty_repaired": _("信用修复“%(label)s”：%(reason)s"),
    "penalty_withdrawn": _("申诉成立，撤销不良行为记录“%(label)s”：%(reason)s"),
    "suspension_prolonged": _("暂停承接业务延长到 %(ends_at)s：%(reason)s"),
    "shareholdings_changed": _("更新了股东登记，共 %(holders)s 名股东"),
    "state_pushed": _("状态已推送审批平台"),
    "result_pushed": _("成果已推送审批平台"),
}


def label_words(label: str) -> str:
    """Say the label under which a firm takes part, such as 53号, in the reader's language; anything else stays as it is."""
    number = re.fullmatch(r"(\d+)号", label)
    return gettext("%(number)s号") % {"number": number[1]} if number else label


def values(event: Event) -> dict[str, Any]:
    """Return the event's data as words: `x_fen` becomes `x` in yuan, moments become Shanghai time; what lacks is —."""
    words: dict[str, Any] = defaultdict(lambda: "—")
    for key, value in event.data.items():
        if key.endswith("_fen") and isinstance(value, int):
            words[key.removesuffix("_fen")] = format_yuan(value)
        elif isinstance(value, list):
            words[key] = len(value)
        elif key == "label" and isinstance(value, str):
            words[key] = label_words(value)
        elif key.endswith("_at") and isinstance(value, str) and (moment := parse_datetime(value)):
            words[key] = localtime(moment).strftime("%m-%d %H:%M:%S")
        else:
            words[key] = value
    return words


def describe(event: Event) -> str:
    """Say in one sentence of the reader's language what happened."""
    template = WORDS.get(event.name)
    return event.name if template is None else str(template) % values(event)
