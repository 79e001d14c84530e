"""The child process of `apart`: a file on standard input, its pages on standard output; `black` shows no coloured ink.

Its limits come first: whatever a decoder does with hostile bytes, it does with bounded memory and processor time, no
new files, no core and no child of its own.
"""

import math
import resource
import sys
import time

from PIL import Image

from govseal.adapters.photo import decoding
from govseal.core.errors import MalformedImage

_MEMORY = (
    5 << 28
)  # a transparent WebP of `decoding.MAX_PIXELS`: libwebp and Pillow hold its canvas four times
_SECONDS = 20
_PAGE_SECONDS = 8


def main() -> None:
    """Decode what standard input holds."""
    for limit, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    _allow_page()
    Image.MAX_IMAGE_PIXELS = (
        None  # `decoding` has its own bound, which knows that a large JPEG is decoded smaller
    )
    out = sys.stdout.buffer
    content = sys.stdin.buffer.read(decoding.MAX_BYTES + 1)
    try:
        for page in decoding.decoded(content, black_only=sys.argv[1:] == ["black"]):
            out.write(b"page %d %d\n" % page.size)
            out.write(page.tobytes())
            out.flush()
            _allow_page()
    except MalformedImage as error:
        out.write(f"refused {error.code}\n".encode())
    else:
        out.write(b"end\n")
    out.flush()


def _allow_page() -> None:
    """Let this process compute for one more page; the kernel ends it when that, or the whole file, takes too long."""
    until = math.ceil(time.process_time()) + _PAGE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (min(until, _SECONDS), _SECONDS))


if __name__ == "__main__":
    main()
