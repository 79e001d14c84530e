"""Khmer and Lao digits."""

from govseal.writing import numerals


def test_digits_take_the_shapes_of_each_script() -> None:
    assert numerals.khmer("លេខ 0123456789 A") == "លេខ ០១២៣៤៥៦៧៨៩ A"
    assert numerals.lao(2026) == "໒໐໒໖"
