"""The two ways to hand something in: the text of a code, or a file.

    form = TextForm({"text": "https://verify.example/s#1…"})
    form.is_valid(), form.cleaned_data["text"]

What is *not* here: what a code or file must look like inside (`govseal.core.qrtext`, the adapters).
"""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from govseal.web.public.errors import BAD_REQUEST
from govseal.web.public.sizes import MAX_CODES, TEXT_CHARACTERS, UPLOAD_BYTES


class TextForm(forms.Form):
    """The text of a QR code, or a link."""

    text = forms.CharField(
        max_length=TEXT_CHARACTERS,
        error_messages={
            "required": _("Nothing was pasted."),
            "max_length": _("This text is too long to be a code."),
            "null_characters_not_allowed": _("This is not the text of a code."),
        },
    )
    others = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_CODES,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), BAD_REQUEST.happened),
    )
    """How many other codes its sheet bears, as the page of a first result hands it on."""


class FileForm(forms.Form):
    """A photo, a PDF or an OpenAttestation JSON file."""

    file = forms.FileField(
        max_length=1024,  # of the name, which is not kept
        error_messages={
            "required": _("No file was chosen."),
            "empty": _("This file is empty."),
            "invalid": _("The file did not arrive."),
            "missing": _("The file did not arrive."),
        },
    )

    def clean_file(self) -> UploadedFile:
        """Refuse a file over the limit."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            raise forms.ValidationError(_("This file is larger than 20 MB. Choose a smaller one."))
        return file
