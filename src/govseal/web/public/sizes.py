"""How much may be handed in.

What is *not* here: refusing more (`limits`, `forms`), and limits inside a file, which its reader holds.
"""

UPLOAD_MEGABYTES = 20
UPLOAD_BYTES = UPLOAD_MEGABYTES * 1024 * 1024
TEXT_CHARACTERS = 16_384  # the longest code, a universal action, has about 1,000
QUERY_CHARACTERS = 100  # of a search
MAX_CODES = 1_000  # on a sheet of paper
