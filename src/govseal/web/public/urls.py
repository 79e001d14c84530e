"""Addresses of the public site; `/s`, `/verify/<ref>`, `/d/…`, `/a/…` and `/status/…` are printed or named by docs/protocol.md.

Include them at the root: `path("", include("govseal.web.public.urls"))`. The order matters: `/verify/again`,
`/verify/page` and `/verify/evidence` come before the old form's free reference.
"""

from django.urls import path, re_path

from govseal.web.public import many, published, views

app_name = "public"

_REF = r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}"  # a native id, or a reference of the old form; never a path
_NUMBER = r"0|[1-9][0-9]{0,9}"  # one spelling, so that a list has one address

urlpatterns = [
    path("", views.home, name="home"),
    path("s", views.scanned, name="scanned"),
    path("institutions", views.institutions, name="institutions"),
    path("many", many.many, name="many"),
    path("many/again", many.again, name="many-again"),
    path("many/table", many.table, name="table"),
    path("verify", views.verify, name="verify"),
    path("verify/again", views.again, name="again"),
    path("verify/page", views.original_page, name="page"),
    path("verify/evidence", views.evidence_file, name="evidence"),
    path("verify/<str:ref>", views.old_form, name="old-form"),
    re_path(rf"^d/(?P<ref>{_REF})$", published.envelope, name="envelope"),
    re_path(rf"^d/(?P<ref>{_REF})/f/(?P<number>[0-9]{{1,4}})$", published.file, name="file"),
    re_path(r"^a/(?P<root>[0-9a-f]{64})$", published.receipt, name="receipt"),
    re_path(rf"^status/(?P<number>{_NUMBER})$", published.status_list, name="status-list"),
    re_path(rf"^status/(?P<number>{_NUMBER})\.cwt$", published.status_list_cwt, name="status-list-cwt"),
    re_path(rf"^status/(?P<number>{_NUMBER})\.notices$", published.notices, name="notices"),
    path(".well-known/govseal/trust-list.jwt", published.trust_list, name="trust-list"),
    re_path(
        r"^\.well-known/govseal/successions/(?P<key>[0-9a-f]{64})$", published.succession, name="succession"
    ),
]
