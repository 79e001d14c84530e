"""Addresses of the whole site."""

from django.urls import include, path

urlpatterns = [path("", include("govseal.web.public.urls"))]

handler400 = "govseal.web.public.errors.bad_request"
handler403 = "govseal.web.public.errors.forbidden"
handler404 = "govseal.web.public.errors.not_found"
handler500 = "govseal.web.public.errors.server_error"
