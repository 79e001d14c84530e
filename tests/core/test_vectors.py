"""The committed vectors are what their generator makes."""

import pytest

from support.vectors import FOLDER, generated, names


@pytest.mark.parametrize("name", names())
def test_the_vectors_are_what_the_generator_makes(name: str) -> None:
    assert generated(name) == (FOLDER / f"{name}.json").read_text()
