"""Khmer and Lao digits."""

from govseal.writing import numerals


def test_digits_take_the_shapes_of_each_script_and_come_back() -> None:
    assert numerals.khmer("លេខ 0123456789 A") == "លេខ ០១២៣៤៥៦៧៨៩ A"
    assert numerals.lao(2026) == "໒໐໒໖"
    assert numerals.western("០១២៣៤៥៦៧៨៩ ໐໑໒໓໔໕໖໗໘໙") == "0123456789 0123456789"
