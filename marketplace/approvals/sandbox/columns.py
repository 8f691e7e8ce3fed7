"""What the columns of the exchange mean (SPGL_ZJFWSXBLGCXXB, SPGL_ZJFWSXBLXXB, and a result's), for people who look."""

from __future__ import annotations

from typing import Any

from marketplace.core.money import format_yuan

LABELS = {
    "dfsjzj": "地方数据主键",
    "xzqhdm": "行政区划代码",
    "xmdm": "项目代码",
    "zjfwsxslbm": "中介服务事项实例编码",
    "spsxslbm": "审批事项实例编码",
    "sjyxbs": "数据有效标识",
    "ztbm": "状态编码",
    "blzt": "办理状态",
    "blr": "办理人",
    "blyj": "办理意见",
    "blsj": "办理时间",
    "zjfwsxmc": "中介服务事项名称",
    "zjfwsxbm": "中介服务事项编码",
    "blsx": "办理时限",
    "sxlx": "时限类型",
    "zjjgdm": "中介机构代码",
    "zjjgmc": "中介机构名称",
    "wtr": "委托人",
    "wtrdm": "委托人代码",
    "amount_fen": "中选金额",
    "project_code": "项目代码",
    "case_number": "办件编号",
    "service_code": "中介服务编码",
    "service_name": "中介服务名称",
    "tender_number": "采购编号",
    "contract_number": "合同编号",
    "milestone": "节点",
    "firm_uscc": "机构统一社会信用代码",
    "firm_name": "机构名称",
    "file_name": "成果文件",
    "sha256": "文件指纹（SHA-256）",
    "size": "文件大小",
    "accepted_at": "验收时间",
}


def named(body: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return a message as (column, what it means, value in words), in its order; what is empty stays out.

    Money arrives in fen under columns that end in `_fen` and is shown in yuan.
    """
    return [
        (name, LABELS.get(name, ""), _words(name, value)) for name, value in body.items() if value not in {None, ""}
    ]


def _words(name: str, value: Any) -> str:
    if name.endswith("_fen") and isinstance(value, int):
        return f"{format_yuan(value)} 元"
    return f"{value} 字节" if name == "size" else str(value)
