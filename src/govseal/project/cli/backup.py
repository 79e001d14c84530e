"""`govseal backup` and `govseal restore`."""

import os
from pathlib import Path

import typer

from govseal.project.cli.output import EPILOG, OUTPUT, Panel, plain
from govseal.project.cli.running import installation


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.OPERATE)(backup)
    app.command(epilog=EPILOG, rich_help_panel=Panel.OPERATE)(restore)


def backup(
    file: Path = typer.Argument(help="Archive to write; must not exist."),
    passphrases: bool = typer.Option(
        False, "--passphrases", help="Put the passphrases in: then the archive opens every key."
    ),
) -> None:
    """Back up database, published files, keys (encrypted) and the local chain into one file."""
    from govseal.project import backup as archive

    with installation() as (office, _):
        kept = archive.backup(office.configuration, file, passphrases=passphrases, tell=OUTPUT.stage)
    words = "with passphrases" if kept.passphrases else "without passphrases: keep those elsewhere"
    OUTPUT.result(
        {"file": str(kept.file), "files": kept.files, "bytes": kept.size, "passphrases": kept.passphrases},
        f"[green]✓[/] {plain(kept.file)}: {kept.files} files, {kept.size:,} bytes, {words}.",
    )


def restore(
    file: Path = typer.Argument(help="Archive that `govseal backup` wrote."),
    published: Path | None = typer.Option(
        None,
        "--published",
        help="A copy of what is published still, so that lists go on from it: the old folder, or a web server's.",
    ),
) -> None:
    """Restore a backup into an empty data folder.

    GOVSEAL_HOME names the folder. The database that DATABASE_URL names, when it is set, must be empty too.
    """
    from govseal.project import backup as archive
    from govseal.project.configuration import Configuration

    configuration = Configuration.load(os.environ, running=False)
    count = archive.restore(
        file,
        configuration.home,
        database_url=configuration.database_url,
        published=published,
        tell=OUTPUT.stage,
    )
    OUTPUT.result(
        {"home": str(configuration.home), "files": count},
        f"[green]✓[/] {count} files are in {plain(configuration.home)}. {plain(_next(configuration.home))}",
    )


def _next(home: Path) -> str:
    """Return what is to be done before the next start, which would make passphrases of its own."""
    if (home / "passphrases").is_dir():
        return "The next start goes on from there."
    return (
        f"The backup holds no passphrases: before the next start, put those of its keys into {home / 'passphrases'},"
        " or into GOVSEAL_…_PASSPHRASE."
    )
