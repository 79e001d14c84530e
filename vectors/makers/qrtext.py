"""QR texts of four profiles (docs/protocol.md section 4)."""

from typing import Any

from govseal.core import qrtext
from govseal.core.qrtext.digits import to_digits
from makers.common import drawn, refused, sealed

_HOST = "verify.gov.kh"
_SECRET = drawn("secret", 16)
_TEXT_KEY = "jDbJ3wKB0vYWnoWE7UoLw"
_HEX_KEY = drawn("oa key", 32).hex()
_ACTION = "https://verify.gov.kh/?q="
_GOOD_QUERY = (
    "%7B%22type%22%3A%22DOCUMENT%22%2C%22payload%22%3A%7B%22uri%22%3A%22https%3A%2F%2Fa.b%2Fc%22%7D%7D"
)


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "digits": [{"bytes": raw.hex(), "digits": to_digits(raw)} for raw in _byte_strings()],
        "valid": [_valid(code) for code in _codes()],
        "invalid": [
            refused(why, {"text": text}, lambda text=text: qrtext.read(text)) for why, text in _texts()
        ],
    }


def _byte_strings() -> list[bytes]:
    return [b"", *(bytes([255]) * size for size in range(1, 9)), bytes(7), _SECRET]


def _codes() -> list[qrtext.Code]:
    return [
        qrtext.CompactCode(_HOST, _SECRET),
        qrtext.CompactCode(_HOST, bytes(16)),
        qrtext.CompactCode("xn--i2ba.moeys.example", bytes([255]) * 16),
        qrtext.CompactCode("http://localhost:8080", _SECRET),
        qrtext.OfflineCode(_HOST, sealed()),
        qrtext.OfflineCode(_HOST, sealed(fields={"name": "ក" * 200})),
        qrtext.OfflineCode(_HOST, sealed(expires_at=1_798_761_599, page=(1, 2), secret=bytes(16))),
        qrtext.OpenAttestationCode(_HOST, "A-1", _TEXT_KEY),
        qrtext.OpenAttestationCode(_HOST, "ក/១ & 100%?#", _HEX_KEY),
        qrtext.UniversalAction(_HOST, "https://a.b/c", ("VIEW", "STORE"), "https://dev.example", _HEX_KEY),
        qrtext.UniversalAction(_HOST, "https://a.b/c?d=e"),
    ]


def _valid(code: qrtext.Code) -> dict[str, Any]:
    return {"text": code.text, "segments": list(code.segments), "describes": qrtext.describe(code)}


def _texts() -> list[tuple[str, str]]:
    return [*_hosts(), *_paths(), *_digits(), *_open_attestation(), *_actions()]


def _hosts() -> list[tuple[str, str]]:
    rest = "/s#1" + to_digits(_SECRET)
    origins = (
        ("no link", "verify.gov.kh"),
        ("http", "http://verify.gov.kh"),
        ("an upper-case scheme", "HTTPS://verify.gov.kh"),
        ("an upper-case host", "https://Verify.gov.kh"),
        ("a port", "https://verify.gov.kh:443"),
        ("an empty port", "https://verify.gov.kh:"),
        ("a user", "https://verify.gov.kh@example.org"),
        ("a trailing dot", "https://verify.gov.kh."),
        ("a host of one label", "https://localhost"),
        ("an address in numbers", "https://127.0.0.1"),
        ("loopback in numbers", "http://127.0.0.1:8080"),
        ("loopback without a port", "http://localhost"),
        ("loopback with port 0", "http://localhost:0"),
        ("loopback with port 65536", "http://localhost:65536"),
        ("loopback with a port that begins with 0", "http://localhost:08080"),
        ("a host beginning with localhost", "http://localhost:8080.example.org"),
        ("an IPv6 address", "https://[::1]"),
        ("Khmer letters", "https://ក.gov.kh"),
        ("a Cyrillic letter that looks Latin", "https://verify.gоv.kh"),
        ("an underscore", "https://verify_gov.kh"),
        ("a label beginning with a hyphen", "https://-verify.gov.kh"),
        ("an empty label", "https://verify..kh"),
        ("a label of 64 letters", "https://" + "a" * 64 + ".kh"),
        ("a name of more than 253 letters", "https://" + "a." * 127 + "kh"),
        ("a backslash", "https://verify.gov.kh\\"),
        ("a space before", " https://verify.gov.kh"),
    )
    return [(why, origin + rest) for why, origin in origins]


def _paths() -> list[tuple[str, str]]:
    digits = "1" + to_digits(_SECRET)
    rests = ("", "/", "/s", "/s/", "/s/#" + digits, "/S#" + digits, "//s#" + digits, "/s?x#" + digits)
    rests += ("/x/../s#" + digits, "/s#" + digits + "\n", "/d/" + "0" * 32, "#" + digits, "/verify/", "/?")
    return [("another path or query", f"https://{_HOST}{rest}") for rest in rests]


def _digits() -> list[tuple[str, str]]:
    good = to_digits(_SECRET)
    raw = sealed()
    fragments = (
        ("nothing after the #", ""),
        ("the first digit alone", "1"),
        ("a first digit of 0", "0" + good),
        ("a first digit of 4", "4" + good),
        ("a letter among the digits", "1" + good[:-1] + "a"),
        ("a Khmer digit", "1" + good[:-1] + "០"),
        ("a full-width digit", "1" + good[:-1] + "０"),
        ("a sign", "1" + "+" + good[1:]),
        ("a space", "1" + good[:-1] + " "),
        ("an underscore", "1" + "1_" + good[2:]),
        ("one digit too few", "1" + good[:-1]),
        ("one digit too many", "1" + good + "0"),
        ("a group of 17 digits that is 256^7", "1" + str(256**7).zfill(17) + good[17:]),
        ("a tail of 5 digits that is 256^2", "1" + good[:34] + "65536"),
        ("15 bytes", "1" + to_digits(_SECRET[:15])),
        ("17 bytes", "1" + to_digits(bytes(17))),
        ("32 bytes", "1" + to_digits(bytes(32))),
        ("an offline code that holds a secret", "2" + good),
        ("an offline code cut short", "2" + to_digits(raw[:-1])),
        ("an offline code said to be packed, and is not", "3" + to_digits(raw)),
        ("an offline code with nothing in it", "2"),
    )
    remainders = [("a length that no bytes have", "1" + "0" * n) for n in (1, 2, 4, 6, 7, 9, 11, 12, 14, 16)]
    return [
        (why, f"https://{_HOST}/s#{text}") for why, text in (*fragments, *remainders, ("huge", "2" * 12_000))
    ]


def _open_attestation() -> list[tuple[str, str]]:
    rests = (
        ("no key", "A-1"),
        ("an empty key", "A-1?key="),
        ("a key of 15 characters", "A-1?key=" + "x" * 15),
        ("a key of 65 characters", "A-1?key=" + "x" * 65),
        ("a key with a character of no key", "A-1?key=" + "x" * 20 + "%"),
        ("no reference", f"?key={_TEXT_KEY}"),
        ("a reference of two dots", f"..?key={_TEXT_KEY}"),
        ("a reference of two encoded dots", f"%2e%2e?key={_TEXT_KEY}"),
        ("a second segment", f"A/1?key={_TEXT_KEY}"),
        ("a second parameter", f"A-1?key={_TEXT_KEY}&x=1"),
        ("another parameter first", f"A-1?x=1&key={_TEXT_KEY}"),
        ("two keys", f"A-1?key={_TEXT_KEY}&key={_TEXT_KEY}"),
        ("a fragment", f"A-1?key={_TEXT_KEY}#x"),
        ("a broken escape", f"A%2?key={_TEXT_KEY}"),
        ("an escape that is not UTF-8", f"A%FF?key={_TEXT_KEY}"),
        ("a control character", f"A%00?key={_TEXT_KEY}"),
        ("a letter that is not encoded", f"ក?key={_TEXT_KEY}"),
        ("a reference of 513 characters", "A" * 513 + f"?key={_TEXT_KEY}"),
    )
    return [(why, f"https://{_HOST}/verify/{rest}") for why, rest in rests]


def _actions() -> list[tuple[str, str]]:
    def query(json_text: str) -> str:
        return "".join(f"%{byte:02X}" for byte in json_text.encode())

    rests = (
        ("nothing in q", ""),
        ("q that is not JSON", query("{")),
        ("q that is an array", query("[]")),
        ("a repeated member", query('{"type":"DOCUMENT","type":"DOCUMENT","payload":{"uri":"https://a.b"}}')),
        ("another action", query('{"type":"LOGIN","payload":{"uri":"https://a.b"}}')),
        ("no payload", query('{"type":"DOCUMENT"}')),
        ("no uri", query('{"type":"DOCUMENT","payload":{}}')),
        ("a uri that is a number", query('{"type":"DOCUMENT","payload":{"uri":7}}')),
        ("a uri that is a script", query('{"type":"DOCUMENT","payload":{"uri":"javascript:alert(1)"}}')),
        (
            "a redirect that is a number",
            query('{"type":"DOCUMENT","payload":{"uri":"https://a.b","redirect":7}}'),
        ),
        (
            "actions that are a text",
            query('{"type":"DOCUMENT","payload":{"uri":"https://a.b","permittedActions":"V"}}'),
        ),
        (
            "actions that are numbers",
            query('{"type":"DOCUMENT","payload":{"uri":"https://a.b","permittedActions":[1]}}'),
        ),
        ("a second parameter", _GOOD_QUERY + "&x=1"),
        ("an empty fragment", _GOOD_QUERY + "#"),
        ("a fragment that is not JSON", _GOOD_QUERY + "#x"),
        ("a fragment without a key", _GOOD_QUERY + "#" + query("{}")),
        ("a key that is a number", _GOOD_QUERY + "#" + query('{"key":7}')),
        ("a key of another form", _GOOD_QUERY + "#" + query('{"key":"short"}')),
        ("JSON that is not encoded", '{"type":"DOCUMENT"}'),
        ("JSON nested 200 deep", query("[" * 200 + "]" * 200)),
    )
    return [(why, _ACTION + rest) for why, rest in rests]
