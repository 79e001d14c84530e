"""Asks the public site over a made verifier (`support.web`), as a browser's forms do."""

import html
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from support import web

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def post(client: Client, path: str, text: str) -> HttpResponse:
    """Send the text of a code, in English."""
    body = urlencode({"text": text})
    return client.generic("POST", path, body, "application/x-www-form-urlencoded", **ENGLISH)


def result(client: Client, case: str) -> str:
    """Return the result page of one of `web.CASES`, its entities as characters."""
    return html.unescape(post(client, "/verify", web.CODE + case).content.decode())
