"""The committed vectors are what their generator makes."""

import pytest

from support.vectors import FOLDER, generated


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "envelope",
        "seal",
        "qrtext",
        "native",
        "trustlist",
        "succession",
        "status",
        "notices",
        "receipt",
    ],
)
def test_the_vectors_are_what_the_generator_makes(name: str) -> None:
    assert generated(name) == (FOLDER / f"{name}.json").read_text()
