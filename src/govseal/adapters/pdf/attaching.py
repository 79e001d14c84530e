"""Attaches the attested document to a PDF, and reads it back (docs/protocol.md section 3, "Files").

The attested JSON names the size and SHA-256 of the PDF it describes, so it cannot be inside those bytes: it
is added afterwards by *one* incremental update. The PDF as it was hashed is an exact prefix of the result.

The attachment is an associated file as PDF/A-3 asks (ISO 19005-3, 6.8): /AF in the catalogue, relationship
/Data, MIME type application/json, name tree /EmbeddedFiles, names sorted. The same input gives the same bytes.

In a signed PDF the catalogue stays as it was signed: there the same file specification is an object that nothing
refers to, which no signature forbids and which readers of the attested document look for.

What is *not* here: the bytes of an update (`updating`), what the JSON says, and comparing size and hash
(`govseal.core.verify`, step 9).
"""

import zlib
from itertools import pairwise

import pikepdf

from govseal.adapters.pdf.limits import ATTESTED_NAME, MAX_JSON_BYTES
from govseal.adapters.pdf.opening import is_sealed, opened
from govseal.adapters.pdf.reading import array, dictionary
from govseal.adapters.pdf.signatures import is_signed
from govseal.adapters.pdf.updating import NewObject, incremental_update
from govseal.core.errors import MalformedPdf

_MAX_NAMES = 10_000
_MAX_TREE_NODES = 1_000


def attach_json(content: bytes, name: str, attested: bytes) -> bytes:
    """Return `content` followed by one incremental update that attaches `attested` under `name`.

    Args:
        content: the PDF as it was hashed; an exact prefix of what is returned.
        name: file name of the attachment; `ATTESTED_NAME` is what `attested_json` looks for.
        attested: the attested document, JSON, at most 1 MiB.

    Raises:
        MalformedPdf: unreadable, damaged, encrypted, sealed already, or beyond the limits.
    """
    with opened(content, attempt_recovery=False) as document:
        if is_sealed(document) or _loose(document, name) is not None:
            raise MalformedPdf("The PDF is sealed already: seal the original.", code="PDF_ALREADY_SEALED")
        embedded = document.make_indirect(pikepdf.Dictionary())
        specification = document.make_indirect(_specification(name, embedded))
        packed = zlib.compress(attested, 9)
        changes = [
            NewObject(*embedded.objgen, _embedded(len(attested), len(packed)).unparse(), packed),
            NewObject(*specification.objgen, specification.unparse(resolved=True)),
        ]
        if not is_signed(document):
            catalogue = _catalogue_with(document, name, specification)
            changes.append(NewObject(*document.Root.objgen, catalogue.unparse()))
        return content + incremental_update(content, document, changes)


def _embedded(size: int, packed_size: int) -> pikepdf.Dictionary:
    """Return the dictionary of the embedded file stream (ISO 32000-1, 7.11.4)."""
    return pikepdf.Dictionary(
        Type=pikepdf.Name.EmbeddedFile,
        Subtype=pikepdf.Name("/application/json"),
        Filter=pikepdf.Name.FlateDecode,
        Length=packed_size,
        Params=pikepdf.Dictionary(Size=size),
    )


def _specification(name: str, embedded: pikepdf.Object) -> pikepdf.Dictionary:
    """Return the file specification that names the stream (ISO 32000-1, 7.11.3)."""
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Filespec,
        F=pikepdf.String(name),
        UF=pikepdf.String(name),
        Desc=pikepdf.String("The attested document that this PDF shows"),
        AFRelationship=pikepdf.Name.Data,
        EF=pikepdf.Dictionary(F=embedded, UF=embedded),
    )


def _catalogue_with(document: pikepdf.Pdf, name: str, specification: pikepdf.Object) -> pikepdf.Dictionary:
    """Return a copy of the catalogue that lists the file in /AF and in the name tree."""
    catalogue = pikepdf.Dictionary(dict(document.Root.items()))
    catalogue.AF = pikepdf.Array([*array(catalogue.get("/AF")), specification])
    names = pikepdf.Dictionary(dict(dictionary(catalogue.get("/Names")).items()))
    files = _name_tree(dictionary(names.get("/EmbeddedFiles")))
    files.append((pikepdf.String(name), specification))
    files.sort(key=lambda entry: bytes(entry[0]))
    names.EmbeddedFiles = pikepdf.Dictionary(Names=pikepdf.Array([part for entry in files for part in entry]))
    catalogue.Names = names
    return catalogue


def _name_tree(root: pikepdf.Object) -> list[tuple[pikepdf.Object, pikepdf.Object]]:
    """Return every (name, value) of a name tree, however deep it is cut (ISO 32000-1, 7.9.6).

    What is no pair of a string and a value is left out, as readers leave it out.
    """
    entries: list[tuple[pikepdf.Object, pikepdf.Object]] = []
    waiting = [root]
    for _ in range(_MAX_TREE_NODES):
        if not waiting:
            return entries
        node = waiting.pop()
        flat = array(dictionary(node).get("/Names"))
        pairs = list(pairwise(flat))[::2]
        entries.extend(pair for pair in pairs if isinstance(pair[0], pikepdf.String))
        waiting.extend(array(dictionary(node).get("/Kids")))
        if len(entries) > _MAX_NAMES:
            break
    raise MalformedPdf("The PDF has too many attachments.", code="PDF_TOO_LARGE")


def attached_json(content: bytes, name: str = ATTESTED_NAME) -> bytes | None:
    """Return the attested document attached to a PDF, or None when there is none.

    Raises:
        MalformedPdf: unreadable, encrypted, or the attachment is damaged or inflates to more than 1 MiB.
    """
    with opened(content) as document:
        stream = _stream_of(document, name)
        if stream is None:
            return None
        packed = stream.read_raw_bytes()
        if stream.get("/Filter") == pikepdf.Name.FlateDecode and "/DecodeParms" not in stream:
            return _inflate(packed)
        if "/Filter" in stream or len(packed) > MAX_JSON_BYTES:
            raise MalformedPdf("The attested document in the PDF is not in a form we write.")
        return bytes(packed)


def _stream_of(document: pikepdf.Pdf, name: str) -> pikepdf.Object | None:
    """Return the embedded file of that name, listed, or in a signed PDF loose."""
    if name in document.attachments:
        return document.attachments[name].get_file().obj
    return _loose(document, name)


def _loose(document: pikepdf.Pdf, name: str) -> pikepdf.Object | None:
    """Return the stream of the file specification of that name which nothing refers to, in a signed PDF."""
    if not is_signed(document):
        return None
    for value in reversed(document.objects):
        if not isinstance(value, pikepdf.Dictionary) or value.get("/Type") != pikepdf.Name.Filespec:
            continue
        stream = dictionary(value.get("/EF")).get("/F")
        if value.get("/UF") == name and value.get("/AFRelationship") == "/Data" and stream is not None:
            return stream
    return None


def _inflate(packed: bytes) -> bytes:
    """Inflate, stopping at the bound."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, MAX_JSON_BYTES + 1)
    except zlib.error as error:
        raise MalformedPdf("The attested document in the PDF is damaged.") from error
    if len(content) > MAX_JSON_BYTES:
        raise MalformedPdf("The attested document in the PDF is larger than 1 MiB.", code="PDF_TOO_LARGE")
    return content
