"""The State Council's list read from its words and from a table, and what is wrong told with its line."""

from datetime import date

import pytest

from marketplace.catalog.holidays import Holiday, read_holidays
from marketplace.core.refusals import Invalid

NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


def test_the_notice_is_read_as_it_stands():
    days = read_holidays(NOTICE, 2026)
    assert sorted(day for day, said in days.items() if said.is_working) == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert sum(not said.is_working for said in days.values()) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert days[date(2026, 2, 23)] == Holiday(False, "春节")
    assert days[date(2026, 2, 28)] == Holiday(True, "春节调休上班")


def test_the_notice_says_what_the_package_knows_of_the_same_year():
    import chinese_calendar

    listed = read_holidays(NOTICE, 2026)
    day = date(2026, 1, 1)
    while day.year == 2026:
        said = listed.get(day)
        assert (said.is_working if said else day.weekday() < 5) == chinese_calendar.is_workday(day), day
        day = date.fromordinal(day.toordinal() + 1)


def test_a_table_is_read_line_by_line():
    days = read_holidays("日期,是否上班,说明\n2027-01-01,放假,元旦\n2027/1/3,上班,元旦调休上班\n", 2027)
    assert days == {date(2027, 1, 1): Holiday(False, "元旦"), date(2027, 1, 3): Holiday(True, "元旦调休上班")}


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("", "holidays_empty", "粘贴"),
        ("祝大家节日快乐", "holidays_line", "没有读到"),
        ("一、元旦：2月30日放假。", "holidays_day", "第 1 行"),
        ("x\n一、元旦：1月1日至3月3日放假。", "holidays_day", "第 2 行"),
        ("一、元旦：1月1日放假。1月1日上班。", "holidays_twice", "第 1 行"),
        ("2027-01-01,放假\n2027-13-01,放假", "holidays_day", "第 2 行"),
        ("2027-01-01,也许", "holidays_line", "第 1 行"),
        ("日" * 20_001, "holidays_long", "太长"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, code, word):
    with pytest.raises(Invalid) as refused:
        read_holidays(text, 2027)
    assert refused.value.code == code
    assert word in str(refused.value)


def test_a_year_that_nobody_means_is_refused():
    with pytest.raises(Invalid) as refused:
        read_holidays(NOTICE, 20266)
    assert refused.value.code == "day_out_of_reach"
