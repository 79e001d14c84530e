"""What is done to a PDF before it is sealed, and what is refused: passwords, active content, forms, PDF/A."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from govseal.adapters import pdf
from govseal.core.errors import MalformedPdf
from support.codes import blank_pdf
from support.oddpdfs import LOCKED, ODD, PASSWORD, RESTRICTED
from support.pdfs import changed, document, first, form, metadata, names, root, script, without_box

ATTESTED = b'{"data":{}}'


def refusal(content: bytes, wishes: pdf.Wishes | None = None) -> str:
    with pytest.raises(MalformedPdf) as caught:
        pdf.prepare(content, wishes or pdf.Wishes())
    return caught.value.code


def said(handled: pdf.Handled) -> list[str]:
    return [notice.code for notice in handled.notices]


def test_a_file_that_needs_no_change_goes_through_byte_for_byte() -> None:
    content = document(form)
    assert pdf.prepare(content) == pdf.Handled(content)


@pytest.mark.parametrize("name", ["with a form to be flattened", "its script to be removed", "PDF/A-2u"])
def test_what_was_prepared_needs_no_change_any_more(name: str) -> None:
    odd = ODD[name]
    once = pdf.prepare(odd.make(), pdf.Wishes(**dict.fromkeys(odd.wishes, True)))
    assert pdf.prepare(once.content) == pdf.Handled(once.content)


# --- passwords ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encryption", "password", "lock"),
    [
        (LOCKED, None, "locked"),
        (LOCKED, "wrong", "locked"),
        (LOCKED, PASSWORD, "open"),
        (LOCKED, "owner", "open"),
        (RESTRICTED, None, "restricted"),
        (RESTRICTED, PASSWORD, "open"),
    ],
)
def test_a_lock_is_told_by_the_password_that_was_given(
    encryption: pikepdf.Encryption, password: str | None, lock: str
) -> None:
    content = document(encryption=encryption)
    assert pdf.lock_of(content, password) == lock
    if lock == "open":
        opened = pdf.prepare(content, pdf.Wishes(password=password))
        assert said(opened) == ["PDF_UNLOCKED"]
        assert pdf.lock_of(opened.content) == "open"
    else:
        code = {"locked": "PDF_ENCRYPTED", "restricted": "PDF_RESTRICTED"}[lock]
        assert refusal(content, pdf.Wishes(password=password)) == code


def test_a_file_without_lock_is_open() -> None:
    assert pdf.lock_of(blank_pdf()) == "open"


def test_locked_files_are_not_built_upon() -> None:
    for read in (pdf.page_count, pdf.attached_json, lambda raw: pdf.attach_json(raw, "a.json", ATTESTED)):
        with pytest.raises(MalformedPdf) as caught:
            read(document(encryption=LOCKED))
        assert caught.value.code == "PDF_ENCRYPTED"


def test_what_is_sealed_already_is_refused() -> None:
    sealed = pdf.attach_json(blank_pdf(), pdf.ATTESTED_NAME, ATTESTED)
    assert refusal(sealed) == "PDF_ALREADY_SEALED"
    with pytest.raises(MalformedPdf):
        pdf.attach_json(sealed, pdf.ATTESTED_NAME, ATTESTED)


# --- active content -------------------------------------------------------------------------------------


def furnished(made: pikepdf.Pdf) -> None:
    """Hide scripts in many places, beside what may stay."""
    page = made.pages[0].obj
    link = Dictionary(
        S=Name.URI, URI=String("https://gov.example"), Next=Array([script(), Dictionary(S=Name.GoTo)])
    )
    page.Annots = Array([Dictionary(Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=link)])
    page.AA = Dictionary(O=script())
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])))
    made.Root.OpenAction = Dictionary(S=Name.GoTo, D=String("x"), Next=made.make_indirect(script()))


def test_every_script_is_removed_and_every_link_stays() -> None:
    content = document(furnished)
    assert refusal(content) == "PDF_ACTIVE"
    cleaned = pdf.prepare(content, pdf.Wishes(remove_active_content=True))
    assert said(cleaned) == ["ACTIVE_CONTENT_REMOVED"]
    with pikepdf.open(io.BytesIO(cleaned.content)) as opened:
        everything = b"".join(
            value.unparse(resolved=True) for value in opened.objects if not isinstance(value, pikepdf.Stream)
        )
        assert b"JavaScript" not in everything
        assert str(opened.pages[0].Annots[0].A.URI) == "https://gov.example"
        assert [str(one.S) for one in opened.pages[0].Annots[0].A.Next] == ["/GoTo"]
        assert str(opened.Root.OpenAction.S) == "/GoTo"


@pytest.mark.parametrize("name", ["/Ref", "/OPI"])
def test_a_form_that_stands_for_another_file_is_refused_or_stands_for_itself(name: str) -> None:
    def borrowed(made: pikepdf.Pdf) -> None:
        shown = made.make_stream(b"", {"/Subtype": Name.Form, "/BBox": Array([0, 0, 9, 9])})
        shown[name] = Dictionary(F=String("elsewhere.pdf"))
        made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=shown))

    content = document(borrowed)
    assert refusal(content) == "PDF_ACTIVE"
    cleaned = pdf.prepare(content, pdf.Wishes(remove_active_content=True))
    assert b"elsewhere" not in cleaned.content


def test_the_refusal_names_what_is_active() -> None:
    with pytest.raises(MalformedPdf, match=r"\(JavaScript, launching a program\)"):
        pdf.prepare(document(root(OpenAction=script(), B=Dictionary(S=Name.Launch))))


LATER = Dictionary(S=Name.GoTo, D=String("x"), Next=Array([Dictionary(S=Name.SetOCGState, State=Array())]))
ALTERNATE = Dictionary(DefaultForPrinting=True)


def printed_otherwise(made: pikepdf.Pdf) -> None:
    image = made.make_stream(
        b"\x00", Subtype=Name.Image, Width=1, Height=1, ColorSpace=Name.DeviceGray, BitsPerComponent=8
    )
    image.Alternates = Array([ALTERNATE])
    made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(I=image))


def printed_in_postscript(made: pikepdf.Pdf) -> None:
    drawn = made.make_stream(b"showpage", Subtype=Name.PS)
    form = made.make_stream(b"", Subtype=Name.Form, Subtype2=Name.PS, BBox=Array([0, 0, 9, 9]))
    made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(P=drawn, F=form))


def scene(made: pikepdf.Pdf) -> None:
    """Put a scene on the page that is shown with it, and moved by a script."""
    data = made.make_stream(b"U3D", OnInstantiate=made.make_stream(b"scene.play()"))
    entries = {"/Subtype": Name("/3D"), "/3DD": data, "/3DA": Dictionary(A=Name.PO)}
    made.pages[0].obj.Annots = Array([Dictionary(entries | {"/Rect": Array([9, 9, 99, 99])})])


RICH = Dictionary(Subtype=Name.RichMedia, Rect=Array([9, 9, 99, 99]), RichMediaContent=Dictionary())
ZOOMED = Dictionary(Event=Name.View, OCGs=Array(), Category=Array([Name.View, Name.Zoom]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (root(OpenAction=Dictionary(S=Name.Hide, T=String("f"))), "happens unasked"),
        (first(AA=Dictionary(O=LATER)), "happens unasked"),
        (
            first(Annots=Array([Dictionary(Subtype=Name.Square, AA=Dictionary(PV=LATER))])),
            "happens unasked",
        ),
        (root(OpenAction=Dictionary(S=Name.SubmitForm, F=String("http://gov.example"))), "happens unasked"),
        (first(AA=Dictionary(O=Dictionary(S=Name.GoToR, F=String("x.pdf")))), "happens unasked"),
        (first(PresSteps=Dictionary(NA=Dictionary(S=Name.ResetForm))), "happens unasked"),
        (first(A=Dictionary(S=Name.URI, URI=String(" JavaScript:x()"))), "JavaScript"),
        (printed_otherwise, "an image that prints otherwise"),
        (printed_in_postscript, "PostScript"),
        (scene, "JavaScript, something that happens unasked"),
        (first(Annots=Array([RICH])), "rich media"),
        (root(Collection=Dictionary(D=String("other.pdf"))), "opening an embedded file"),
        (names(AlternatePresentations=Dictionary()), "a presentation"),
        (root(AS=Array([ZOOMED])), "a layer that follows the zoom"),
    ],
)
def test_what_changes_a_page_unasked_is_refused_or_removed(
    change: Callable[[pikepdf.Pdf], None], reason: str
) -> None:
    with pytest.raises(MalformedPdf, match=reason) as caught:
        pdf.prepare(document(change))
    assert caught.value.code == "PDF_ACTIVE"
    cleaned = pdf.prepare(document(change), pdf.Wishes(remove_active_content=True))
    assert said(cleaned) == ["ACTIVE_CONTENT_REMOVED"]
    assert pdf.prepare(cleaned.content).notices == ()


SWITCH = Dictionary(S=Name.SetOCGState)


@pytest.mark.parametrize("trigger", [{"A": SWITCH}, {"AA": Dictionary(U=SWITCH)}], ids=["pressed", "let go"])
def test_a_layer_that_a_button_switches_stays(trigger: dict[str, pikepdf.Object]) -> None:
    button = Dictionary(Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), **trigger)
    assert pdf.prepare(document(first(Annots=Array([button])))).notices == ()


def test_actions_that_follow_one_another_in_a_circle_are_taken_for_active() -> None:
    def circle(made: pikepdf.Pdf) -> None:
        action = made.make_indirect(Dictionary(S=Name.GoTo, D=String("x")))
        action.Next = action
        made.Root.OpenAction = action

    assert refusal(document(circle)) == "PDF_ACTIVE"


def test_a_script_in_a_part_that_nothing_shows_is_no_reason() -> None:
    content = document(lambda made: made.make_indirect(script()))
    assert pdf.prepare(content).notices == ()


def test_usage_rights_are_dropped_and_said_so() -> None:
    content = document(root(Perms=Dictionary(UR3=Dictionary(Type=Name.Sig))))
    prepared = pdf.prepare(content)
    assert said(prepared) == ["USAGE_RIGHTS_REMOVED"]
    with pikepdf.open(io.BytesIO(prepared.content)) as opened:
        assert "/Perms" not in opened.Root


# --- screen and paper -----------------------------------------------------------------------------------


def usage(screen: str, paper: str) -> Callable[[pikepdf.Pdf], None]:
    """Put a layer on the page that is shown and printed as said (ISO 32000-1, 8.11.4.4)."""

    def change(made: pikepdf.Pdf) -> None:
        states = {"/View": {"/ViewState": Name(screen)}, "/Print": {"/PrintState": Name(paper)}}
        layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Copy"), Usage=Dictionary(states)))
        kinds = (Name.View, Name.Print)
        follows = [Dictionary(Event=kind, OCGs=Array([layer]), Category=Array([kind])) for kind in kinds]
        made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(AS=Array(follows)))
        made.pages[0].obj.Resources = Dictionary(Properties=Dictionary(L=layer))
        made.pages[0].obj.Contents = made.make_stream(b"/OC /L BDC 1 0 0 rg 200 200 99 99 re f EMC")

    return change


def square(flags: int) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        look = made.make_stream(b"0.6 g 0 0 50 50 re f", BBox=Array([0, 0, 50, 50]), Subtype=Name.Form)
        shown = Dictionary(
            Subtype=Name.Square, Rect=Array([300, 300, 350, 350]), F=flags, AP=Dictionary(N=look)
        )
        made.pages[0].obj.Annots = Array([shown])

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (usage("/OFF", "/ON"), True),
        (usage("/ON", "/OFF"), True),
        (usage("/ON", "/ON"), False),
        (square(0), True),
        (square(4), False),
    ],
    ids=["print only", "screen only", "both", "an annotation not to be printed", "one to be printed"],
)
def test_what_is_seen_or_printed_alone_is_said(change: Callable[[pikepdf.Pdf], None], told: bool) -> None:  # noqa: FBT001 - a case of the table
    assert said(pdf.prepare(document(change))) == (["PRINTS_DIFFERENTLY"] if told else [])


# --- forms and PDF/A ------------------------------------------------------------------------------------


def test_a_flattened_form_is_drawn_and_gone() -> None:
    content = document(form)
    flat = pdf.prepare(content, pdf.Wishes(flatten_forms=True)).content
    with pikepdf.open(io.BytesIO(flat)) as opened:
        assert "/AcroForm" not in opened.Root
    assert next(pdf.page_images(content, 60)).tobytes() == next(pdf.page_images(flat, 60)).tobytes()


@pytest.mark.parametrize(
    ("part", "conformance", "claim", "code"),
    [
        (1, "A", None, "PDF_A_LOST"),
        (1, "B", None, "PDF_A_LOST"),
        (2, "B", "3B", "PDF_A_RAISED"),
        (2, "A", "3A", "PDF_A_RAISED"),
        (3, "U", "3U", None),
        (4, "", "4F", "PDF_A_RAISED"),
        (4, "E", None, "PDF_A_LOST"),
        (4, "F", "4F", None),
    ],
)
def test_a_claim_of_pdf_a_is_kept_raised_or_given_up(
    part: int, conformance: str, claim: str | None, code: str | None
) -> None:
    prepared = pdf.prepare(document(metadata(part, conformance)))
    assert said(prepared) == ([code] if code else [])
    with pikepdf.open(io.BytesIO(prepared.content)) as opened, opened.open_metadata() as told:
        assert (told.pdfa_status or None) == claim


def test_a_claim_written_as_attributes_is_understood() -> None:
    xmp = metadata(2, "B")

    def rewrite(made: pikepdf.Pdf) -> None:
        xmp(made)
        text = made.Root.Metadata.read_bytes().decode()
        text = text.replace("<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>", "")
        text = text.replace('rdf:about=""', 'rdf:about="" pdfaid:part="2" pdfaid:conformance="B"')
        made.Root.Metadata.write(text.encode())

    with (
        pikepdf.open(io.BytesIO(pdf.prepare(document(rewrite)).content)) as opened,
        opened.open_metadata() as told,
    ):
        assert told.pdfa_status == "3B"


# --- damage ---------------------------------------------------------------------------------------------


def test_fields_that_contain_themselves_are_not_followed_for_ever() -> None:
    def knot(opened: pikepdf.Pdf) -> None:
        field = opened.make_indirect(Dictionary(T=String("f")))
        field.Kids = Array([field, field])
        opened.Root.AcroForm = Dictionary(Fields=Array([field]))

    assert pdf.prepare(changed(blank_pdf(), knot)).notices == ()


def test_a_size_that_was_damaged_on_its_way_is_refused() -> None:
    content = document(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert refusal(content.replace(b"[ 0 0 595 842 ]", b"[ 0 0\xe9595 842 ]")) == "PDF_LOOKS_DIFFERENT"


@pytest.mark.parametrize("mode", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_a_size_of_a_page_that_programs_read_differently_is_refused_wherever_it_is_written(
    mode: pikepdf.ObjectStreamMode,
) -> None:
    content = document(first(MediaBox=Array([Name.a, 0, 595, 842])), pages=2, object_stream_mode=mode)
    assert refusal(content) == "PDF_LOOKS_DIFFERENT"


def test_a_page_without_a_size_among_others_is_given_one() -> None:
    assert said(pdf.prepare(document(without_box, pages=2))) == ["PDF_REPAIRED"]


def test_what_every_program_reads_alike_is_no_damage() -> None:
    content = document(lambda made: made.pages[0].obj.__delitem__("/Resources"))
    assert pdf.prepare(content) == pdf.Handled(content)


@pytest.mark.parametrize("entry", ["AcroForm", "Names", "Perms", "Metadata", "OutputIntents", "AF"])
@pytest.mark.parametrize("value", ["7", "(x)", "[1]", "<</Fields 3 /EmbeddedFiles (x)>>"])
def test_entries_of_the_wrong_kind_break_nothing(entry: str, value: str) -> None:
    content = document(root(**{entry: pikepdf.Object.parse(value.encode())}))
    prepared = pdf.prepare(content)
    released = pdf.attach_json(prepared.content, pdf.ATTESTED_NAME, ATTESTED)
    assert pdf.attached_json(released) == ATTESTED


def test_annotations_that_are_none_break_nothing() -> None:
    assert pdf.prepare(document(first(Annots=Array([7, String("x")]), AA=3))).notices == ()
