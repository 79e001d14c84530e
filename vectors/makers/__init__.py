"""One maker per file of vectors; `vectors/generate.py` writes what their `cases()` return.

Every input is fixed, so that anybody's run gives the same bytes. An invalid case records the code with which
this implementation refuses it, and making it fails when it is not refused.
"""
