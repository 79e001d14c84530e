"""The parts of a real press release, so that it can be typeset as one of ours."""

import re

_KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_SENTENCE_ENDS = ("។", "៖")


def press_release(text: str) -> tuple[str, dict[str, str]]:
    """Return number and fields of a release: heading, ministry, number, dates, title, subject, body.

    A paragraph that the text breaks off, as at the end of a page, is joined to the one after it.
    """
    _, ministry, number, dates, _, subject, *body = (
        block.strip() for block in re.split(r"\n\s*\n", text.strip())
    )
    lunar_date, place_and_date = dates.split("\n")
    paragraphs: list[str] = []
    for block in body:
        if paragraphs and not paragraphs[-1].endswith(_SENTENCE_ENDS):
            paragraphs[-1] += " " + block
        else:
            paragraphs.append(block)
    fields = {
        "subject": " ".join(subject.split()),
        "body": "\n\n".join(paragraphs),
        "lunar_date": lunar_date,
        "place": place_and_date.split(" ")[0],
    }
    found = re.search(r"[០-៩]+", number)
    assert found, f"{ministry}: no number"
    return found.group().translate(_KHMER_DIGITS), fields
