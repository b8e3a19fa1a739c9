"""Projects to measure with: directories with a compose file, their containers, and a psql to compare with."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from clock import run

ROOT = Path(__file__).resolve().parents[2]
DBCTL = os.environ.get("DBCTL", str(ROOT / "target/release/dbctl"))
IMAGE = os.environ.get("POSTGRES_IMAGE", "dbctl-postgres:15")
PASSWORD = "bench"

COMPOSE = """name: {name}
services:
  postgres-db:
    image: {image}
    command: [postgres, -c, max_locks_per_transaction=256]
    environment:
      POSTGRES_USER: bench
      POSTGRES_DB: bench
      POSTGRES_PASSWORD: {password}
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
"""


def program(name):
    """A program of the server package itself: Debian's in /usr/bin are Perl programs around it."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not found:
        sys.exit(f"error: no {name} below /usr/lib/postgresql; install a server package, such as postgresql-15")
    return str(found[-1])


class Project:
    """A directory in which `dbctl up` works, and the container that this makes."""

    def __init__(self, directory, name, user, database, volume, password=PASSWORD):
        self.directory = directory
        self.name = name
        self.user = user
        self.database = database
        self.volume = f"{name}_{volume}"
        self.container = f"{name}-postgres-db-1"
        self.password = password

    def dbctl(self, *arguments):
        return run([DBCTL, *arguments], cwd=self.directory, env={"POSTGRES_IMAGE": IMAGE})

    def inside(self, *command, stdin=None):
        return run(["docker", "exec", "-i", self.container, *command], stdin=stdin)

    def address(self):
        return address(self.container)

    def url(self, database=None):
        return f"postgres://{self.user}:{self.password}@{self.address()}:5432/{database or self.database}"

    def psql(self, database, *arguments):
        """A psql command line that behaves as the entrypoint's, over the container's address."""
        return [program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *map(str, arguments)]

    def empty(self, database):
        """Makes the database anew, with nothing left to write for what was done before."""
        run(self.psql("postgres", "-c", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)',
                      "-c", f'CREATE DATABASE "{database}"', "-c", "CHECKPOINT"))

    def remove(self):
        for command in (["docker", "rm", "--force", "--volumes", self.container],
                        ["docker", "volume", "rm", self.volume],
                        *(["docker", "network", "rm", f"{self.name}_{network}"] for network in ("default", "backend"))):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


@contextmanager
def removed_at_the_end(project):
    project.remove()
    try:
        yield project
    finally:
        project.remove()


def empty_project(directory, name):
    """A project without scripts; its init dir is `init/`."""
    (directory / "init").mkdir(parents=True)
    (directory / "compose.yaml").write_text(COMPOSE.format(name=name, image=IMAGE, password=PASSWORD))
    return Project(directory, name, "bench", "bench", "data")


def sample_project(directory, name):
    """A copy of the sample project under a name of its own, so that the developer's one is left alone."""
    for part in ("compose", "init"):
        shutil.copytree(ROOT / part, directory / part)
    (directory / "compose/.env").unlink(missing_ok=True)
    file = directory / "compose/compose.yaml"
    text = file.read_text().replace("name: arasul\n", f"name: {name}\n").replace("    container_name: postgres-db\n", "")
    file.write_text(text)
    return Project(directory, name, "arasul", "arasul_db", "postgres-data", password="arasul-dev")


def address(container):
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return run(["docker", "inspect", "--format", form, container]).strip()


def wait_for_server(container):
    """Returns when the real server takes logins: the image's temporary one listens on no address."""
    question = [program("pg_isready"), "--quiet", "--host", address(container), "--timeout", "1"]
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if subprocess.run(question, check=False).returncode == 0:
            return
        time.sleep(0.02)
    sys.exit(f"error: no server in `{container}` after two minutes")
