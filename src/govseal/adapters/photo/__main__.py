"""The child process of `apart`: a file on standard input, its pages on standard output.

Its limits come first: whatever a decoder does with hostile bytes, it does with bounded memory and processor time, no
new files, no core and no child of its own.
"""

import resource
import sys

from PIL import Image

from govseal.adapters.photo import decoding
from govseal.core.errors import MalformedImage

_MEMORY = 1 << 30
_SECONDS = 20


def main() -> None:
    """Decode what standard input holds."""
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    Image.MAX_IMAGE_PIXELS = (
        None  # `decoding` has its own bound, which knows that a large JPEG is decoded smaller
    )
    out = sys.stdout.buffer
    content = sys.stdin.buffer.read(decoding.MAX_BYTES + 1)
    try:
        for page in decoding.decoded(content):
            out.write(b"page %d %d\n" % page.size)
            out.write(page.tobytes())
            out.flush()
    except MalformedImage as error:
        out.write(f"refused {error.code}\n".encode())
    else:
        out.write(b"end\n")
    out.flush()


if __name__ == "__main__":
    main()
