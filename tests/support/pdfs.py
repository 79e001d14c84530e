"""Makes PDFs with one odd feature each, the same in every run. What is to become of each: `oddpdfs`."""

import io
import random
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

A4 = (0, 0, 595, 842)


def drawing(seed: int) -> bytes:
    """Return operators that paint a page all over, so that whatever moves or is lost is seen."""
    chance = random.Random(seed)
    parts = [
        f"q {chance.random():.2f} {chance.random():.2f} {chance.random():.2f} rg"
        f" {chance.randint(0, 500)} {chance.randint(0, 700)} {chance.randint(20, 90)} {chance.randint(20, 90)} re f Q"
        for _ in range(24)
    ]
    return "\n".join(parts).encode("ascii")


def document(
    change: Callable[[Pdf], None] | None = None,
    *,
    pages: int = 1,
    box: tuple[float, ...] = A4,
    contents: bytes | None = None,
    **save: object,
) -> bytes:
    """Return a PDF of painted pages, changed and saved as asked."""
    stream = io.BytesIO()
    with pikepdf.new() as made:
        for number in range(pages):
            page = made.add_blank_page(page_size=(100, 100))
            page.MediaBox = Array(list(box))
            page.Contents = made.make_stream(drawing(number) if contents is None else contents)
        if change is not None:
            change(made)
        made.save(stream, deterministic_id="encryption" not in save, fix_metadata_version=False, **save)
    return stream.getvalue()


def changed(content: bytes, change: Callable[[Pdf], None], **save: object) -> bytes:
    """Return a PDF changed and saved anew."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        change(opened)
        opened.save(stream, deterministic_id=True, **save)
    return stream.getvalue()


def first(**entries: object) -> Callable[[Pdf], None]:
    """Return a change that gives entries to the first page."""

    def change(made: Pdf) -> None:
        for name, value in entries.items():
            made.pages[0].obj[f"/{name}"] = value

    return change


def root(**entries: object) -> Callable[[Pdf], None]:
    """Return a change that gives entries to the catalogue."""

    def change(made: Pdf) -> None:
        for name, value in entries.items():
            made.Root[f"/{name}"] = value

    return change


# --- pages ----------------------------------------------------------------------------------------------


def inherited(made: Pdf) -> None:
    page = made.pages[0].obj
    del page.MediaBox
    made.Root.Pages.MediaBox = Array([0, 0, 842, 595])
    made.Root.Pages.Rotate = 270


def without_box(made: Pdf) -> None:
    del made.pages[0].obj.MediaBox


def mixed(made: Pdf) -> None:
    for number, page in enumerate(made.pages):
        page.MediaBox = Array([0, 0, 300 + 150 * number, 700 - 100 * number])
        page.Rotate = 90 * number


def shared_contents(made: Pdf) -> None:
    shared = made.make_indirect(
        Array([made.make_stream(b"q 1 0 0 1 9 9 cm"), made.make_stream(drawing(7) + b" Q")])
    )
    for page in made.pages:
        page.obj.Contents = shared


def split_contents(made: Pdf) -> None:
    whole = drawing(3)
    middle = whole.index(b" rg", 200)
    parts = [whole[:middle], whole[middle:]]
    made.pages[0].obj.Contents = Array([made.make_stream(part) for part in parts])


def nested_contents(made: Pdf) -> None:
    parts = [made.make_stream(drawing(number)) for number in (3, 4)]
    made.pages[0].obj.Contents = Array([Array([parts[0]]), parts[1]])


def latin_names(made: Pdf) -> None:
    """Name things in bytes that are no UTF-8, as programs of the 1990s do."""
    font = pikepdf.Object.parse(b"<< /Type /Font /Subtype /Type1 /BaseFont /Sch\xf6ne /S /\xff\xfe >>")
    made.pages[0].obj.Resources = pikepdf.Object.parse(b"<< /Font << /\xcb\xce 0 >> >>")
    made.pages[0].obj.Resources.Font.F = made.make_indirect(font)


def layers(made: Pdf) -> None:
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Notes")))
    off = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Hidden")))
    made.Root.OCProperties = Dictionary(
        OCGs=Array([layer, off]), D=Dictionary(ON=Array([layer]), OFF=Array([off]))
    )
    page = made.pages[0].obj
    page.Resources = Dictionary(Properties=Dictionary(A=layer, B=off))
    page.Contents = made.make_stream(
        b"/OC /A BDC 1 0 0 rg 200 200 99 99 re f EMC /OC /B BDC 0 0 1 rg 300 300 99 99 re f EMC"
    )


def tagged(made: Pdf) -> None:
    made.Root.MarkInfo = Dictionary(Marked=True)
    page = made.pages[0].obj
    page.Contents = made.make_stream(b"/P <</MCID 0>> BDC " + drawing(1) + b" EMC")
    page.StructParents = 0
    tree = made.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    paragraph = made.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=tree, Pg=page, K=0))
    tree.K = Array([paragraph])
    tree.ParentTree = made.make_indirect(Dictionary(Nums=Array([0, Array([paragraph])])))
    made.Root.StructTreeRoot = tree


def annotated(made: Pdf) -> None:
    page = made.pages[0].obj
    look = made.make_stream(b"0 0.6 0 rg 0 0 50 20 re f", BBox=Array([0, 0, 50, 20]), Subtype=Name.Form)
    note = Dictionary(Subtype=Name.Square, Rect=Array([300, 300, 350, 320]), F=4, AP=Dictionary(N=look))
    link = Dictionary(
        Subtype=Name.Link,
        Rect=Array([10, 10, 90, 30]),
        A=Dictionary(S=Name.URI, URI=String("https://gov.example")),
    )
    page.Annots = made.make_indirect(Array([made.make_indirect(note), made.make_indirect(link)]))


def form(made: Pdf) -> None:
    """Give the first page a filled text field and an empty signature field."""
    page = made.pages[0].obj
    look = made.make_stream(b"0.8 g 0 0 120 20 re f", BBox=Array([0, 0, 120, 20]), Subtype=Name.Form)
    text = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("Example"),
        Rect=Array([200, 500, 320, 520]), F=4, P=page, AP=Dictionary(N=look), DA=String("/Helv 10 Tf 0 g"),
    )  # fmt: skip
    signature = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("s"), Rect=Array([0, 0, 0, 0]), P=page
    )
    fields = [made.make_indirect(field) for field in (text, signature)]
    page.Annots = Array(fields)
    helvetica = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    made.Root.AcroForm = made.make_indirect(
        Dictionary(
            Fields=Array(fields), DR=Dictionary(Font=Dictionary(Helv=helvetica)), DA=String("/Helv 10 Tf 0 g")
        )
    )


def kept_things(made: Pdf) -> None:
    made.attachments["zebra.txt"] = b"stripes"
    with made.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Chapter", 0))
    with made.open_metadata() as metadata:
        metadata["dc:title"] = "A title"


# --- files ----------------------------------------------------------------------------------------------


def table() -> bytes:
    return document(object_stream_mode=pikepdf.ObjectStreamMode.disable)


def hybrid() -> bytes:
    """Return a file whose table hides one object, which a stream beside it lists (ISO 32000-1, 7.5.8.4)."""
    content = document(root(Lang=String("km")), object_stream_mode=pikepdf.ObjectStreamMode.disable)
    with pikepdf.open(io.BytesIO(content)) as opened:
        size, catalogue, identifier = (
            int(opened.trailer.Size),
            opened.Root.objgen[0],
            opened.trailer.ID.unparse(),
        )
        pages = opened.Root.Pages.objgen[0]
    body = content + f"{size} 0 obj\n(hidden)\nendobj\n".encode()
    at = len(body)
    rows = b"".join(b"\x01" + offset.to_bytes(4, "big") + b"\x00\x00" for offset in (len(content), at))
    body += f"{size + 1} 0 obj\n<< /Type /XRef /Size {size + 2} /W [1 4 2] /Index [{size} 2] /Length 14 >>\n".encode()
    body += b"stream\n" + rows + b"\nendstream\nendobj\n"
    new = len(body)
    body += (
        f"{catalogue} 0 obj\n<< /Type /Catalog /Pages {pages} 0 R /PieceInfo {size} 0 R >>\nendobj\n".encode()
    )
    table = len(body)
    previous = content.rsplit(b"startxref", 1)[1].split()[0].decode()
    body += f"xref\n{catalogue} 1\n{new:010d} 00000 n\r\ntrailer\n<< /Size {size + 2} /Root {catalogue} 0 R".encode()
    body += (
        f" /Prev {previous} /XRefStm {at} /ID ".encode()
        + identifier
        + f" >>\nstartxref\n{table}\n%%EOF\n".encode()
    )
    return body


def broken_table() -> bytes:
    before, after = table().rsplit(b"startxref", 1)
    return (
        before.replace(b"0000000015", b"0000000099") + b"startxref" + after.replace(after.split()[0], b"77")
    )


def sizeless() -> bytes:
    """Return a file whose trailer does not say how many objects there are."""
    return table().replace(b"/Size", b"/Sire")


def empty_tree() -> bytes:
    return changed(document(), lambda made: made.pages.__delitem__(0))


def cycle() -> bytes:
    def knot(made: Pdf) -> None:
        made.Root.Pages.Kids = Array([*made.Root.Pages.Kids, made.Root.Pages])

    content = document(pages=2, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        knot(opened)
        opened.save(stream)
    return stream.getvalue()


def certificate_lock() -> bytes:
    """Return a file locked for the holders of certificates (ISO 32000-1, 7.6.4)."""
    lock = b"/Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 >> /ID"
    return table().replace(b"/ID", lock, 1)


def bomb() -> bytes:
    packed = b"".join(zeros(600))
    return changed(
        document(),
        lambda made: made.pages[0].obj.__setitem__(
            "/Contents", made.make_indirect(Stream(made, packed, Filter=Name.FlateDecode))
        ),
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )


def zeros(mebibytes: int) -> list[bytes]:
    packer = zlib.compressobj(9)
    block = b"0 " * (1 << 19)
    return [*(packer.compress(block) for _ in range(mebibytes)), packer.flush()]


def deep(made: Pdf) -> None:
    node: object = 1
    for _ in range(400):
        node = Array([node])
    made.Root.PieceInfo = node


def metadata(part: int, conformance: str) -> Callable[[Pdf], None]:
    xmp = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        f"<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>{conformance}</pdfaid:conformance>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )

    def change(made: Pdf) -> None:
        made.Root.Metadata = made.make_stream(xmp.encode(), Type=Name.Metadata, Subtype=Name.XML)

    return change


def names(**entries: object) -> Callable[[Pdf], None]:
    return root(Names=Dictionary(**entries))


def script() -> Dictionary:
    """Return an action that runs JavaScript."""
    return Dictionary(S=Name.JavaScript, JS=String("app.alert('x')"))


def outside(made: Pdf) -> None:
    made.pages[0].obj.Contents = made.make_indirect(Stream(made, b"", F=String("elsewhere.bin")))
