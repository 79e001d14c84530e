"""What the page shows of a document that a listed DID has signed, and that no register holds."""

import pytest
from django.utils.translation import override

from govseal.core.trustlist import Did
from govseal.web.shared.result import present
from support import web
from support.dids import CONTROLLER, issuer, signed
from support.world import World, institution, trust_list


@pytest.mark.parametrize("language", ["en", "km"])
def test_a_signed_document_shows_its_issuer_its_key_and_every_step_in_words(language: str) -> None:
    here = World(lists=[trust_list(institution("moeys", dids=(Did(CONTROLLER),)))])
    report = here.check_document(signed(issuer(domain="moeys.example"), here.new_uuid))
    with web.configured(), override(language):
        shown = present(report, language)
        assert shown.outcome == "genuine"
        assert shown.issuer == "Ministry moeys"
        assert CONTROLLER in [row.value for row in shown.evidence]
        titles = {step.number: str(step.title) for step in shown.steps}
        assert len(set(titles.values())) == len(titles)
        whys = [str(step.why) for step in shown.steps if step.status != "valid"]
    assert all(whys)
    assert all(any("\u1780" <= letter <= "\u17ff" for letter in why) for why in whys) is (language == "km")
