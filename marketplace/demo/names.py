"""Plainly invented names, codes and telephones: always the same for the same number."""

from __future__ import annotations

from marketplace.parties.uscc import make_uscc

# Made-up words of mountain, river and copper; no real firm is meant, and every name says so.
FIRST_NAMES = [
    "赤岩",
    "青矶",
    "铜陵渡",
    "丹霞坳",
    "信水",
    "泸溪口",
    "云台坪",
    "白鹭滩",
    "枫林渡",
    "竹海坞",
    "石鼓岭",
    "晴川里",
    "落星湾",
    "鹿鸣坡",
    "听泉谷",
    "望仙台",
    "照水桥",
    "松风坳",
    "锦屏山",
    "双溪口",
    "月照潭",
    "藏龙坞",
]
GIVEN = [
    "明远",
    "思源",
    "文博",
    "雅琴",
    "志强",
    "晓岚",
    "建平",
    "秋实",
    "海波",
    "若兰",
    "子轩",
    "永安",
    "春华",
    "立新",
    "婉如",
    "国栋",
    "佳宁",
    "学文",
    "静怡",
    "长青",
]
FAMILY = [
    "虞",
    "柏",
    "单",
    "郗",
    "鄢",
    "茹",
    "邬",
    "阚",
    "蔺",
    "皮",
    "齐",
    "盛",
    "陶",
    "尤",
    "卞",
    "戚",
    "闵",
    "骆",
    "蒲",
    "仲",
]
# What a firm calls itself by the group of services it lives on.
TRADES = {
    "planning": ("工程咨询", "规划研究", "项目管理"),
    "environment": ("环境科技", "水利咨询", "生态工程"),
    "land": ("测绘地理信息", "土地规划", "地矿勘查"),
    "construction": ("建筑设计", "工程监理", "质量检测", "岩土勘察"),
    "finance": ("造价咨询", "会计师事务所", "资产评估"),
    "safety": ("安全技术", "职业卫生", "检验检测"),
    "other": ("技术服务", "专项评估", "招标代理"),
}
MARK = "（演示）"


def person(number: int) -> str:
    """Return an invented person's name, unique for numbers below 400: who shares a name is tied together (bidding/conflicts.py)."""
    return FAMILY[number % len(FAMILY)] + GIVEN[(number // len(FAMILY) + number) % len(GIVEN)]


def firm_name(number: int, group: str, *, is_partnership: bool = False) -> str:
    """Return an invented firm's name, unique per number."""
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    trades = TRADES[group]
    trade = trades[number // len(FIRST_NAMES) % len(trades)]
    turn = "" if number < len(FIRST_NAMES) * 3 else "乾坤震艮离坎兑巽"[number // (len(FIRST_NAMES) * 3) % 8]
    ending = "" if trade.endswith("事务所") else ("工作室" if is_partnership else "有限公司")
    return f"{first}{turn}{trade}{MARK}{ending}"


def firm_code(number: int, *, area: str, is_sole_trader: bool = False) -> str:
    """Return a code with a right check digit; the organization part begins with MAXX."""
    return make_uscc(f"{'92' if is_sole_trader else '91'}{area}MAXX{number:05d}")


def phone(number: int) -> str:
    """Return a telephone number of a range that is not given to anybody (0701-600xxxx)."""
    return f"0701-600{number % 10000:04d}"
