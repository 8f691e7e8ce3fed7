"""The drawing tags stay inside their box and say nothing where there is nothing."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.templatetags.look import LINES, MARKS, icon, mark, percent, polyline, sparkline


@given(st.lists(st.integers(min_value=1, max_value=10**13), min_size=1, max_size=60))
def test_a_price_line_stays_inside_its_box(values):
    points = polyline(values, 120, 32)
    assert all(4 <= x <= 116 and 4 <= y <= 28 for x, y in points)
    assert points[0][0] == 4
    assert points[-1][0] == 116


def test_a_falling_price_falls_on_the_picture():
    heights = [y for _, y in polyline([100, 90, 80], 120, 32)]
    assert heights == sorted(heights)


def test_no_values_draw_nothing():
    assert sparkline([]) == ""


def test_every_drawing_is_decoration():
    for name in LINES:
        assert 'aria-hidden="true"' in icon(name)
    for kind in [*MARKS, "unknown"]:
        assert 'aria-hidden="true"' in mark(kind)


def test_percent():
    assert percent(12500, 100000) == "12.5%"
    assert percent(1, 0) == ""
