"""The order of the house where import-linter cannot look: names in settings, relations and addresses."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from support.country import PROJECT

SOURCE = PROJECT / "src" / "govseal"
CONTRACTS = {
    one["name"]: one
    for one in tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}
ROOMS = list(reversed(CONTRACTS["Rooms"]["layers"]))
APPS = list(reversed(CONTRACTS["Apps stack one way"]["layers"]))
_NAME = re.compile(r"""["'](govseal(?:\.\w+)+)["']""")

_WALK = """
import django, json, sys
django.setup()
from django.apps import apps
from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.utils.module_loading import import_string
from importlib import import_module
relations = [
    [model.__module__, field.related_model.__module__]
    for model in apps.get_models()
    for field in model._meta.get_fields()
    if field.is_relation and not field.auto_created
]
def includes(resolver, inside):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            module = getattr(pattern.urlconf_module, "__name__", inside)
            yield [inside, module]
            yield from includes(pattern, module)
        else:
            yield [inside, pattern.callback.__module__]
named = [*settings.MIDDLEWARE, settings.WSGI_APPLICATION]
for name in named:
    import_string(name)
for name in [settings.ROOT_URLCONF, *settings.PROCRASTINATE_IMPORT_PATHS]:
    import_module(name)
print(json.dumps({
    "relations": relations,
    "includes": list(includes(get_resolver(), settings.ROOT_URLCONF)),
    "apps": settings.INSTALLED_APPS,
}))
"""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """What Django makes of the settings, in a process of its own."""
    import json  # noqa: PLC0415 - the rest of this module does without

    home = tmp_path_factory.mktemp("home")
    environment = {
        "PYTHONPATH": str(PROJECT / "src"),
        "GOVSEAL_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "govseal.project.settings",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-c", _WALK], env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def room(module: str) -> int:
    """Return the height of a module's room."""
    return ROOMS.index(module.split(".")[1])


def app_of(module: str) -> int:
    """Return the height of a module's app."""
    name = module.split(".")[2]
    return next(height for height, layer in enumerate(APPS) if name in re.findall(r"\w+", layer))


def test_models_refer_only_to_apps_below(walked: dict[str, list[list[str]]]) -> None:
    ours = [pair for pair in walked["relations"] if pair[0].startswith("govseal.")]
    assert len(ours) >= 4
    for holder, held in ours:
        assert held.startswith("govseal.apps."), (holder, held)
        assert app_of(held) <= app_of(holder), (holder, held)


def test_addresses_lead_only_downwards_and_never_to_another_shell(walked: dict[str, list[list[str]]]) -> None:
    assert walked["includes"]
    for holder, held in walked["includes"]:
        if not held.startswith("govseal."):
            continue
        assert room(held) <= room(holder), (holder, held)
        if holder.startswith("govseal.web.") and held.startswith("govseal.web."):
            assert held.split(".")[2] in {holder.split(".")[2], "shared"}, (holder, held)


def test_installed_apps_are_apps_and_shells(walked: dict[str, list[list[str]]]) -> None:
    ours = [str(name) for name in walked["apps"] if str(name).startswith("govseal.")]
    assert ours
    assert {name.split(".")[1] for name in ours} == {"apps", "web"}


def test_names_in_texts_follow_the_order_of_imports() -> None:
    """A dotted name in quotes is a reference too: tasks, settings, `import_string`."""
    wrong = []
    for file in SOURCE.rglob("*.py"):
        holder = ".".join(["govseal", *file.relative_to(SOURCE).with_suffix("").parts])
        if "." not in holder.removeprefix("govseal.") or holder.split(".")[1] not in ROOMS:
            continue
        for name in _NAME.findall(file.read_text("utf-8")):
            held = name.split(".")
            if held[1] in ROOMS and ROOMS.index(held[1]) > room(holder):
                # The settings module is named by whoever starts Django; nothing below the project does.
                wrong.append((holder, name))
    assert wrong == []


def test_every_name_in_the_settings_exists() -> None:
    text = (SOURCE / "project" / "settings.py").read_text("utf-8")
    names = _NAME.findall(text)
    assert len(names) >= 8
    for name in names:
        path = SOURCE.joinpath(*name.split(".")[1:])
        assert path.is_dir() or _module_of(path).exists(), name


def _module_of(path: Path) -> Path:
    """Return the file of a module, or of the module that holds a name."""
    own = path.with_suffix(".py")
    return own if own.exists() else path.parent.with_suffix(".py")


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_public_site_loads_no_key_and_no_document(tmp_path: Path) -> None:
    """Import contracts speak of what could be reached; this is what is loaded when the site runs."""
    script = (
        "import sys, govseal.project.wsgi\n"
        "bad = [one for one in sys.modules if one.startswith(('govseal.adapters.keys',"
        " 'govseal.project.wiring.keys', 'govseal.project.wiring.office', 'eth_account'))]\n"
        "sys.exit(repr(bad) if bad else 0)"
    )
    environment = {
        "PYTHONPATH": str(PROJECT / "src"),
        "GOVSEAL_HOME": str(tmp_path),
        "GOVSEAL_RPC_URL": "http://127.0.0.1:9",
        "GOVSEAL_CHAIN_ID": "1337",
        "GOVSEAL_GENESIS": "0x" + "00" * 32,
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
