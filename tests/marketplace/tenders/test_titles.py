"""What a need is called by default."""

import pytest

from marketplace.tenders.queries.titles import LONGEST, title_for


@pytest.mark.parametrize(
    ("project", "service", "title"),
    [
        ("铜箔研发检测中心项目", "项目建议书、可行性研究报告编制", "铜箔研发检测中心项目建议书、可行性研究报告编制"),
        ("县道桥梁加固工程", "工程造价咨询", "县道桥梁加固工程造价咨询"),
        ("年产2万吨铜箔项目", "环境影响报告书编制", "年产2万吨铜箔项目环境影响报告书编制"),
        ("城东粮库用地", "地质灾害危险性评估", "城东粮库用地地质灾害危险性评估"),  # one character is chance
        ("建设项目", "建设项目环境影响报告书编制", "建设项目环境影响报告书编制"),
        ("", "工程勘察", "工程勘察"),
    ],
)
def test_a_word_that_ends_one_and_begins_the_other_stands_once(project, service, title):
    assert title_for(project, service) == title


def test_the_title_fits_its_field():
    assert len(title_for("长" * 200, "工程勘察")) == LONGEST
