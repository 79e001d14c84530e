"""A new build of the static files under a running site: what its pages refer to stays, older builds go."""

import json
from collections.abc import Callable
from pathlib import Path

from whitenoise.base import WhiteNoise

from govseal.project.staticfiles import LIST, take_over


def build(folder: Path, style: str) -> Path:
    """Return a folder with a build as Django makes it, whose style sheet is called `style`."""
    (folder / "build" / "fonts").mkdir(parents=True)
    (folder / "build" / style).write_text(f"/* {style} */")
    (folder / "build" / "fonts" / "khmer.0f.woff2").write_bytes(b"the same in each")
    (folder / LIST).write_text(json.dumps({"paths": {"build/site.css": f"build/{style}"}}))
    return folder


def asked(site: WhiteNoise, path: str) -> int:
    """Return the status with which a site answers."""
    seen: list[str] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
    answer = site(environ, lambda status, *_: seen.append(status))
    if hasattr(answer, "close"):
        answer.close()
    return int(seen[0].split()[0])


def nothing(_environ: object, start_response: Callable[[str, list[object]], None]) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


def test_a_running_site_keeps_its_files_through_a_build_and_older_ones_go(tmp_path: Path) -> None:
    root = tmp_path / "static"
    take_over(build(tmp_path / "1", "site.aa.css"), root)
    running = WhiteNoise(nothing, root, "static/")
    take_over(build(tmp_path / "2", "site.bb.css"), root)
    assert [asked(running, f"/static/build/{name}") for name in ("site.aa.css", "fonts/khmer.0f.woff2")] == [
        200,
        200,
    ]
    assert json.loads((root / LIST).read_text())["paths"] == {"build/site.css": "build/site.bb.css"}
    take_over(build(tmp_path / "3", "site.cc.css"), root)
    assert sorted(file.name for file in root.rglob("*.css")) == ["site.bb.css", "site.cc.css"]
    assert [folder.name for folder in root.rglob("*") if folder.is_dir()] == ["build", "fonts"]


def test_the_same_build_again_keeps_the_one_before_it(tmp_path: Path) -> None:
    root = tmp_path / "static"
    for number, style in enumerate(["site.aa.css", "site.bb.css", "site.bb.css"]):
        take_over(build(tmp_path / str(number), style), root)
    assert sorted(file.name for file in root.rglob("*.css")) == ["site.aa.css", "site.bb.css"]


def test_a_build_from_before_builds_were_noted_is_kept_once(tmp_path: Path) -> None:
    root = build(tmp_path / "static", "site.old.css")
    for number, style in enumerate(["site.aa.css", "site.bb.css"]):
        take_over(build(tmp_path / str(number), style), root)
        assert (root / "build" / "site.old.css").exists() is (number == 0)
