"""One sentence in the reader's language for each published reason code, and a title for each step.

The codes are docs/protocol.md section 7's and never change. A code without a sentence here says what its
outcome says: an unknown code must neither break a page nor show a foreign language.

    >>> str(sentence("HOST_NOT_LISTED"))
    'The site that this code names is not in the list of government sites.'
    >>> sentence("A_CODE_OF_TOMORROW") is None
    True

What is *not* here: deciding which reason applies (`govseal.core.verdict`).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from govseal.core.verdict import FragmentStatus
from govseal.web.shared.outcomes import KEEP_PAPER

_SENTENCES = {
    # who stands behind it
    "HOST_NOT_LISTED": _("The site that this code names is not in the list of government sites."),
    "STORE_NOT_LISTED": _("The register that this document names belongs to no listed institution."),
    "DID_NOT_LISTED": _(
        "The key that this document says it is signed with belongs to no listed institution."
    ),
    "REVOCATION_NOT_LISTED": _("The place where this document says it would be revoked is another's."),
    "DNS_RECORD_MISSING": _("The institution's domain does not name the key or register of this document."),
    "DNS_NOT_LISTED": _("The domain that this document names is not the institution's, and was not asked."),
    "DNS_NOT_ASKED": _("The domain was not asked; the government's trust list speaks for the institution."),
    "ISSUER_NOT_LISTED": _("The issuer that this document names is not in the government's trust list."),
    "ISSUER_MISMATCH": _("The register that holds this document belongs to another institution."),
    "KEY_NOT_LISTED": _("The key that signed the seal belongs to no listed institution."),
    "KEY_NOT_VALID_THEN": _("The key that signed the seal was not valid on that date."),
    "KEY_COMPROMISED": _(
        "The institution's key was stolen before this document was registered. Ask the institution."
    ),
    "STORE_RETIRED_THEN": _("The institution's register was closed before this document was entered."),
    "STATUS_LIST_NOT_LISTED": _("The list of revoked documents that this document names is another's."),
    "TYPE_NOT_ALLOWED": _("The institution may not issue documents of this type."),
    "UNSEALED_NOT_ALLOWED": _("This institution's documents carry a seal, and this one has none."),
    # what it says
    "DOCUMENT_TAMPERED": _("The content differs from what was sealed."),
    "AMBIGUOUS_CONTENT": _("The file is built so that it could show something other than what was sealed."),
    "NOT_WRAPPED": _("The file carries no proof."),
    "SEAL_MISMATCH": _("The seal on the paper and the registered document do not say the same."),
    "SEAL_SIGNATURE": _("The signature of the seal does not fit its content."),
    "ID_MISMATCH": _("Another document than the one of this code lies behind it."),
    "MALFORMED_HASH": _("The document's proof is not of the form that the ledger holds."),
    "NO_SEAL": _("This document carries no seal; its register, or its issuer's signature, speaks for it."),
    "NO_FILE": _("No file was handed in to compare."),
    "BAD_SIGNATURE": _("The signature of the seal does not fit its content."),
    "FILE_NOT_THE_ORIGINAL": _(
        "The file was saved again or printed to a new file. Compare it with the original by eye."
    ),
    # where it stands
    "ID_UNKNOWN": _("No document is registered under this code."),
    "ROOT_NOT_ISSUED": _("The document is not registered on the ledger, or not yet."),
    "NOT_SIGNED": _("The institution that this document names has not signed it."),
    "REVOKED": _("The institution has withdrawn this document."),
    "SUSPENDED": _("The institution has suspended this document."),
    "REPLACED": _("The institution has replaced this document."),
    "EXPIRED": _("The time for which the document is valid has ended."),
    # could not tell
    "DECRYPTION_FAILED": _(
        "The registered document could not be opened with this code. The code may be misread."
    ),
    "WRONG_ACCESS_CODE": _("The access code is wrong."),
    "ACCESS_CODE_NEEDED": _("This document opens only with an access code, which the holder has."),
    "LEDGER_UNAVAILABLE": _("The ledger did not answer."),
    "DNS_UNAVAILABLE": _("The institution's domain could not be asked about this document."),
    "DNS_NAME_HIDDEN": _(
        "The document hides which domain speaks for its issuer. Ask its holder for the whole document."
    ),
    "OCSP_UNAVAILABLE": _("The institution's service that tells of revoked documents did not answer."),
    "OCSP_ANSWER_INVALID": _(
        "The institution's service that tells of revoked documents gave an answer that cannot be used."
    ),
    "REVOCATION_UNKNOWN": _("The document does not say, in a way known here, where it would be revoked."),
    "DID_UNSUPPORTED": _("The document is signed in a way that cannot be checked here."),
    "FETCH_FAILED": _("The registered document could not be fetched."),
    "TRUST_LIST_STALE": _("The government's trust list here is too old to judge by."),
    "AMBIGUOUS_TRUST_LIST": _(
        "The government's trust lists name two holders of this, so nobody can tell which is right."
    ),
    "TRUST_LIST_ROLLED_BACK": _("The government's trust list here is older than the one seen before."),
    "TRUST_LIST_FORKED": _("Two of the government's trust lists with one number say different things."),
    "UNPINNED_KEY": _("The government's trust list here is signed by a key that is not known here."),
    "SUCCESSION_FORKED": _("A key of the government's trust list has named two keys to follow it."),
    "STATUS_LIST_STALE": _("The list of revoked documents here is too old to judge by."),
    "STATUS_LIST_NOT_VALID_NOW": _("By the clock here the list of revoked documents is not valid yet."),
    "STATUS_LIST_ROLLED_BACK": _("The list of revoked documents here is older than the one seen before."),
    "STATUS_LIST_FORKED": _("Two lists of revoked documents of one moment say different things."),
    "STATUS_LIST_TAKES_BACK": _(
        "The list of revoked documents here forgets what the one seen before had revoked."
    ),
    "STATUS_LIST_UNAVAILABLE": _("The list of revoked documents could not be fetched."),
    "STATUS_LIST_REFUSED": _("The list of revoked documents here is damaged or not signed by the right key."),
    "STATUS_INDEX_OUT_OF_RANGE": _("The list of revoked documents has no place for this document."),
    "LISTED_KEY_COMPROMISED": _("The key that signed a list or receipt was stolen: a new one is needed."),
    "RECEIPT_UNAVAILABLE": _("The receipt of the registration could not be fetched."),
    "RECEIPT_REFUSED": _("The receipt of the registration is damaged or not signed by the right key."),
    "RECEIPT_CONTRADICTED": _("The receipt of the registration contradicts the government's trust list."),
    "NO_LEDGER": _("The ledger was not asked; the list of revoked documents speaks for it."),
    "STEP_MISSING": _("Not every step could be taken."),
    "UNAVAILABLE": _("A service that the check needs did not answer."),
    # what was handed in
    "MALFORMED_QR": _("This is not the whole text of a government QR code."),
    "MALFORMED_DOCUMENT": _("This file is not a document that can be checked."),
    "MALFORMED_ENVELOPE": _("The registered document is damaged."),
    "MALFORMED_SEAL": _("The code is damaged or was not made by a government office."),
    "MALFORMED_PDF": _("This PDF cannot be read."),
    "PDF_ENCRYPTED": _("This PDF is locked with a password."),
    "PDF_TOO_LARGE": _("This PDF is larger than can be checked here."),
    "MALFORMED_IMAGE": _(
        "This file is no picture that can be read. Use a photo in JPEG or PNG form, or a PDF."
    ),
    "IMAGE_TOO_LARGE": _(
        "This picture is larger than can be checked here. Send it smaller, or only the part with the code."
    ),
    "IMAGE_UNDECODABLE": _(
        "This picture is damaged, or takes too much to open. Take the photo again, or send it as JPEG."
    ),
    "NO_CODE": _(
        "No QR code was found. Something in the picture looks like one: flatten the sheet, keep folds and glare off the code, and take the photo from straight above."
    ),
    "NO_CODE_SEEN": _(
        "No QR code was found. Take a photo of the code from close by: all of it, with the white around it, and nothing lying on it."
    ),
    "NO_CODE_SMALL": _(
        "The QR code is too small in this picture. Come closer, until it fills a third of the picture, or send the photo in its full size."
    ),
    "NO_CODE_BLURRED": _(
        "This picture is too blurred. Hold the phone still, tap on the code on the screen to focus, and take the photo again."
    ),
    "NO_CODE_DARK": _("This picture is too dark. Find more light and take the photo again."),
    "NO_CODE_IN_TIME": _(
        "This file has many pages, and no code is on the first of them. Send only the page that bears the code."
    ),
    "FOREIGN_CODE": _(
        "The QR code in this picture belongs to something else, such as a payment or a shop. Take a photo of the code beside the government site's name."
    ),
    "SEVERAL_CODES": _("Codes of several documents are on this sheet. Take a photo of one code only."),
    "INVALID_DOCUMENT_KEY": _("The key in this link is not whole."),
    "INVALID_ENCRYPTED_DOCUMENT": _("The registered document is damaged."),
    "MALFORMED_TOKEN": _("The government's trust list here is damaged."),
    "MALFORMED_EVIDENCE": _("This is no evidence file, or it is damaged."),
    "NO_EVIDENCE": _("No institution stands behind this document, so there is nothing to keep."),
    "EVIDENCE_INCOMPLETE": _("The evidence is not complete yet. Try again later."),
    "UNKNOWN_FILE": _("This kind of file cannot be checked. Choose a photo, a PDF or a JSON file."),
    "FILE_UNUSABLE": _("This file cannot be read."),
    "TOO_LARGE": _("This is larger than can be checked here."),
}

_SCAN_AGAIN = (
    _("Scan the code on the paper again, closer and in good light."),
    _("Or copy the whole link, from https to the last digit, and paste it on the first page."),
    _("If a clean code still cannot be read, ask the institution that issued the document."),
)
_REPORT_FAKE = (
    _("Do not open that site, and do not enter anything there."),
    KEEP_PAPER,
    _("Report the fake to the institution whose name the paper bears, or to the nearest police post."),
)
_ASK_CODE = (_("Ask the holder for the access code, which is printed apart from the document."),)
_COMPARE = (_("View the original page, and compare your file with it line by line."),)
_LOOKED = _("The whole picture and its likely parts, enlarged, sharpened, mirrored, inverted and redrawn.")
_NO_CODE = {"NO_CODE", "NO_CODE_SEEN", "NO_CODE_SMALL", "NO_CODE_BLURRED", "NO_CODE_DARK"}
_ADVICE = {  # where the outcome's own advice would not help
    "HOST_NOT_LISTED": _REPORT_FAKE,
    "MALFORMED_QR": _SCAN_AGAIN,
    "MALFORMED_SEAL": _SCAN_AGAIN,
    "DECRYPTION_FAILED": _SCAN_AGAIN,
    "INVALID_DOCUMENT_KEY": _SCAN_AGAIN,
    "WRONG_ACCESS_CODE": _ASK_CODE,
    "ACCESS_CODE_NEEDED": _ASK_CODE,
    "FILE_NOT_THE_ORIGINAL": _COMPARE,
}

_STEPS = {
    1: _("The code or file was read"),
    2: _("The issuer is in the government's trust list"),
    3: _("The registered document was fetched and opened"),
    4: _("Nothing was changed since it was sealed"),
    5: _("It is registered on the ledger"),
    6: _("It is not revoked, suspended, replaced or expired"),
    7: _("The institution and its key were allowed to issue it on that date"),
    8: _("The seal on the paper says the same as the registered document"),
    9: _("The file is the original file"),
}

_TITLES_BY_NAME = {  # a step that is taken in parts
    "TrustListFresh": _("The government's trust list is fresh"),
    "LedgerRevoked": _("The ledger has not revoked it"),
    "DidSigned": _("The institution has signed it"),
    "OcspResponder": _("The institution's service has not revoked it"),
    "Revocation": _("It says how it would be revoked"),
    "RevocationListed": _("The place where it would be revoked is the institution's"),
    "DnsRecord": _("The institution's domain agrees"),
    "AnchorReceipt": _("The platform says that it is registered"),
    "StatusList": _("The institution's list says that it is in force"),
    "StatusListListed": _("Its list of revoked documents is the institution's"),
    "Expiry": _("It has not expired"),
    "IssuerListed": _("The institution may issue this kind of document"),
    "IssuerOnDate": _("The institution's key was valid on that date"),
}

_STATUSES = {
    FragmentStatus.VALID: _("Passed"),
    FragmentStatus.INVALID: _("Failed"),
    FragmentStatus.ERROR: _("Could not tell"),
    FragmentStatus.SKIPPED: _("Not checked"),
}


def sentence(code: str) -> Promise | None:
    """Return what `code` means to a person, or None when this release has no sentence for it."""
    return _SENTENCES.get(code)


def advice(code: str) -> tuple[Promise, ...]:
    """Return what to do about `code`, or nothing when the outcome's own advice serves."""
    return _ADVICE.get(code, ())


def looked(code: str) -> Promise | str:
    """Return what was looked at in vain, or nothing where `code` is not that no QR code was found."""
    return _LOOKED if code in _NO_CODE else ""


def step_title(number: int, name: str) -> Promise:
    """Return what the check `name` of step `number` (1 to 9) establishes when it passes."""
    return _TITLES_BY_NAME.get(name) or _STEPS[number]


def status_word(status: FragmentStatus) -> Promise:
    """Return the word for a step's result."""
    return _STATUSES[status]
