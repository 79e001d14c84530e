"""The local database: private, one server at a time, and there again after every kind of end."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from govseal.adapters.localdb import LocalDatabase, home
from govseal.core.errors import OperatorError
from support.processes import ended
from support.waiting import until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]

SUPERVISOR = """
import sys, time
from pathlib import Path
from govseal.adapters.localdb import LocalDatabase
database = LocalDatabase(Path(sys.argv[1]), durable=False)
url = database.start()
print(database.pid, url, flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDatabase]:
    """A database with one row in it, made once."""
    above = tmp_path_factory.mktemp("localdb")
    above.chmod(0o700)
    local = LocalDatabase(above / "database", durable=False)
    try:
        run(local.start(), "CREATE TABLE kept AS SELECT 'ឯកសារ' AS word")
        yield local
    finally:
        local.remove()


@pytest.fixture
def local(made: LocalDatabase) -> LocalDatabase:
    """That database, running again whatever the test before did to it."""
    made.start()
    return made


@pytest.fixture
def python_of_nobody() -> list[str]:
    """The start of a Python command line that runs as the user `nobody`."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    python = [*NOBODY, sys.executable, "-c"]
    if subprocess.run([*python, "import psycopg"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this checkout is not readable by an ordinary user")
    return python


def run(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def rows(url: str) -> list[Any]:
    return run(url, "SELECT word FROM kept")


# --- what it is ---------------------------------------------------------------------------------------


def test_it_speaks_utf8_and_its_role_is_no_superuser(local: LocalDatabase) -> None:
    assert run(local.url, "SHOW server_encoding") == [("UTF8",)]
    assert rows(local.url) == [("ឯកសារ",)]
    privileges = (
        "SELECT rolname, rolsuper, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    assert run(local.url, privileges) == [("govseal", False, True, False)]


def test_an_empty_database_holds_no_tables(empty_database_url: str) -> None:
    assert run(empty_database_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    assert run(empty_database_url, "SELECT current_database()") != [("govseal",)]


# --- who may enter ------------------------------------------------------------------------------------


def test_it_has_no_tcp_port(local: LocalDatabase) -> None:
    assert run(local.url, "SHOW listen_addresses") == [("",)]


def test_a_wrong_password_is_refused(local: LocalDatabase) -> None:
    password = local.url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(local.url.replace(password, "guess"))


def test_no_other_user_may_look_into_its_folders(local: LocalDatabase) -> None:
    place = local._home
    for folder in (place.path, place.socket_folder, place.path / "data"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert (place.path / "password").stat().st_mode & 0o777 == 0o600


@as_root
def test_another_user_cannot_reach_the_socket(local: LocalDatabase) -> None:
    socket = local._home.socket_folder / ".s.PGSQL.5432"
    assert socket.is_socket()
    attempt = subprocess.run([*NOBODY, "stat", str(socket)], capture_output=True, check=False)
    assert attempt.returncode != 0
    assert b"Permission denied" in attempt.stderr


def test_another_user_cannot_connect_though_it_knows_the_password(
    local: LocalDatabase, python_of_nobody: list[str]
) -> None:
    connect = "import psycopg, sys; psycopg.connect(sys.argv[1])"
    attempt = subprocess.run(
        [*python_of_nobody, connect, local.url], capture_output=True, check=False, cwd="/"
    )
    assert attempt.returncode != 0
    assert b"Permission denied" in attempt.stderr


def test_the_folders_above_it_are_not_opened(local: LocalDatabase) -> None:
    assert local.folder.parent.stat().st_mode & 0o777 == 0o700
    assert local.folder.stat().st_mode & 0o777 == 0o700


@as_root
def test_for_root_it_lives_outside_the_folder(local: LocalDatabase) -> None:
    assert local._home.path.parent == Path("/var/lib/govseal")
    assert Path(f"/proc/{local.pid}").stat().st_uid == pwd.getpwnam("govseal-db").pw_uid


# --- how it ends and comes back -----------------------------------------------------------------------


def test_a_stopped_database_comes_back_with_its_rows(local: LocalDatabase) -> None:
    url = local.url
    local.stop()
    assert not local.answers()
    assert local.start() == url
    assert rows(url) == [("ឯកសារ",)]


def test_a_killed_server_comes_back_with_its_rows(local: LocalDatabase) -> None:
    os.kill(local.pid, signal.SIGKILL)
    until(lambda: not local.running)
    assert not local.answers()
    local.start()
    assert rows(local.url) == [("ឯកសារ",)]


def test_a_pid_file_that_names_a_living_stranger_is_no_obstacle(local: LocalDatabase) -> None:
    with subprocess.Popen(["sleep", "3600"]) as stranger:
        local.stop()
        (local._home.path / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n")
        local.start()
        assert stranger.poll() is None
        stranger.kill()
    assert rows(local.url) == [("ឯកសារ",)]


def test_a_killed_server_that_nobody_has_waited_for_is_no_obstacle(local: LocalDatabase) -> None:
    os.kill(local.pid, signal.SIGKILL)
    # As when whoever started it was killed with it, and init is slow to wait for the dead.
    os.close(local._lock)
    local._lock = None
    with LocalDatabase(local.folder, durable=False) as url:
        assert rows(url) == [("ឯកសារ",)]


def test_a_cluster_half_made_is_made_again(tmp_path: Path) -> None:
    local = LocalDatabase(tmp_path / "database", durable=False)
    (local._home.path / "data.partial").mkdir()
    (local._home.path / "data.partial" / "PG_VERSION").write_text("18")
    assert run(local.start(), "SELECT 1") == [(1,)]
    local.remove()


def test_a_database_whose_supervisor_is_killed_ends_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(folder)], stdout=subprocess.PIPE, env=environment
    ) as supervisor:
        pid, url = supervisor.stdout.readline().decode().split()
        run(url, "CREATE TABLE kept AS SELECT 'ឯកសារ' AS word")
        supervisor.kill()
    until(lambda: ended(int(pid)), f"process {pid} is still alive")
    local = LocalDatabase(folder, durable=False)
    assert "database system is shut down" in (local._home.path / "postgres.log").read_text()
    assert rows(local.start()) == [("ឯកសារ",)]
    local.remove()


def test_a_folder_has_one_server_at_a_time(local: LocalDatabase) -> None:
    other = LocalDatabase(local.folder)
    assert other.answers()
    with pytest.raises(OperatorError, match="Another process runs the local database"):
        other.start()
    assert rows(other.url) == [("ឯកសារ",)]


def test_a_deleted_folder_never_meets_old_data(tmp_path: Path) -> None:
    first = LocalDatabase(tmp_path / "database", durable=False)
    url = first.url
    first.remove()
    second = LocalDatabase(tmp_path / "database", durable=False)
    assert second.url != url
    second.remove()


def test_a_server_that_does_not_start_says_why(local: LocalDatabase) -> None:
    local.stop()
    settings = local._home.path / "data" / "postgresql.conf"
    kept = settings.read_text()
    settings.write_text("max_connections = none\n")
    with pytest.raises(OperatorError, match=r"does not start: .*max_connections"):
        local.start()
    assert not local.running
    settings.write_text(kept)


# --- where it lives -----------------------------------------------------------------------------------


def test_a_long_folder_has_its_socket_in_a_short_private_one(tmp_path: Path) -> None:
    long = home.Home(tmp_path / (120 * "x"), None, Path("/bin"))
    assert long.socket_folder == home.Home(long.path, None, Path("/bin")).socket_folder
    assert len(os.fsencode(long.socket_folder / ".s.PGSQL.5432")) < 108
    assert long.socket_folder.parent == Path("/tmp")


def test_a_private_folder_that_somebody_else_prepared_is_refused(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    with pytest.raises(OperatorError, match="belongs to somebody else"):
        home.Home(tmp_path, None, Path("/bin")).make_private(trap)


def test_of_two_that_make_the_system_user_at_once_both_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made, asked = pwd.getpwuid(os.geteuid()), []

    def found(name: str) -> pwd.struct_passwd:
        asked.append(name)
        if len(asked) == 1:
            raise KeyError(name)
        return made

    def exists_already(*_: object) -> None:
        raise OperatorError("useradd: user already exists")

    monkeypatch.setattr(pwd, "getpwnam", found)
    monkeypatch.setattr(home, "_run", exists_already)
    assert home._system_user() == made


@as_root
def test_a_place_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "place").write_text("../../etc")
    with pytest.raises(OperatorError, match="does not name a database"):
        LocalDatabase(tmp_path).start()


def test_the_engine_runs_from_a_copy(tmp_path: Path) -> None:
    home.copy_engine(home._programs().parent, tmp_path / "engine")
    programs = tmp_path / "engine" / home._PACKAGE / home._ENGINE / "bin"
    for program in ("postgres", "initdb"):
        said = subprocess.run(
            [programs / program, "--version"], capture_output=True, text=True, check=True
        ).stdout
        assert " 18." in said


def test_a_missing_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match="setpriv is missing"):
        LocalDatabase(tmp_path / "database").start()


def test_an_ordinary_user_runs_it_in_the_folder_itself(python_of_nobody: list[str]) -> None:
    script = (
        "import sys; from pathlib import Path; from govseal.adapters.localdb import LocalDatabase;"
        "local = LocalDatabase(Path(sys.argv[1]), durable=False); local.start();"
        "print(local.answers(), local._home.path); local.remove()"
    )
    with tempfile.TemporaryDirectory(prefix="govseal-") as made:
        os.chown(made, 65534, 65534)
        folder = Path(made) / "database"
        said = subprocess.run(
            [*python_of_nobody, script, str(folder)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": "/nonexistent"},
            cwd="/",
        )
        assert said.stdout.split() == ["True", str(folder)]
