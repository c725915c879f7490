"""A PostgreSQL of the test's own: made by initdb in a temporary folder, on loopback alone, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from adbc_driver_postgresql import dbapi

OWNER, PASSWORD, DATABASE = "cdm_owner", "not a secret", "postgres"


def binaries() -> Path | None:
    """Return the folder of the server's programs, the newest version where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found and (config := shutil.which("pg_config")):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        found = [path for path in [Path(told.stdout.strip()) / "initdb"] if path.is_file()]
    return found[-1].parent if found else None


class Cluster:
    """A running server."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    def address(self, schema: str | None = None, user: str = OWNER, port: int | None = None) -> str:
        """Return the address of the database, without a password."""
        query = f"?schema={schema}" if schema else ""
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{DATABASE}{query}"

    def run(self, *statements: str) -> None:
        """Run statements as the owner, and commit."""
        with dbapi.connect(self.address()) as connection:
            for statement in statements:
                with connection.cursor() as cursor:
                    cursor.execute(statement)
            connection.commit()

    def load(self, folder: Path, schema: str) -> None:
        """Store the Parquet files of a folder as tables of a schema, by COPY."""
        self.run(f'CREATE SCHEMA "{schema}"')
        with dbapi.connect(self.address()) as connection:
            for path in sorted(folder.glob("*.parquet")):
                with connection.cursor() as cursor:
                    name = path.stem.lower()
                    cursor.adbc_ingest(name, pq.read_table(path), mode="create", db_schema_name=schema)
            connection.commit()


@contextmanager
def running(programs: Path) -> Iterator[Cluster]:
    """Yield a server; the whole folder goes away with it."""
    folder = Path(tempfile.mkdtemp(prefix="rechallenge-postgres-"))
    cluster = Cluster(folder, free_port())
    try:
        folder.chmod(0o755)
        (folder / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            (folder / "password").chmod(0o644)
        make = ["-D", folder / "data", "-U", OWNER, "--pwfile", folder / "password", "--no-sync"]
        call(programs / "initdb", *make, "--encoding=UTF8", "--auth=scram-sha-256")
        options = f"-c listen_addresses=127.0.0.1 -c fsync=off -p {cluster.port} -k {folder}"
        call(programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield cluster
        finally:
            call(programs / "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def call(*words: Any) -> None:
    """Run a program of the server, which does not run as root."""
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run([*as_postgres, *map(str, words)], check=True, stdout=subprocess.DEVNULL, cwd="/")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
