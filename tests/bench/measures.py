"""Each promise about speed, and how it is measured."""

import gzip
from contextlib import contextmanager
from functools import partial

import fresh
import large_scripts
import small_scripts
from clock import in_turn, run
from project import DBCTL, IMAGE, ROOT, empty_project, removed_at_the_end, sample_project, wait_for_server


def milliseconds(*times):
    return " / ".join(f"{taken.median() * 1000:.0f} ms" for taken in times)


def scripts(count, rounds, directory, table):
    """Small scripts on an empty database: dbctl, one psql session, one psql process a file."""
    project = empty_project(directory / f"scripts-{count}", f"dbctl-bench-{count}")
    with removed_at_the_end(project):
        project.dbctl("up")
        files = small_scripts.write(project.directory / "init", count)
        run(["docker", "cp", str(project.directory / "init"), f"{project.container}:/tmp/scripts"])
        project.inside("chmod", "-R", "a+rX", "/tmp/scripts")

        def with_dbctl():
            project.empty(project.database)
            return partial(project.dbctl, "up")

        def one_session():
            project.empty("one_session")
            chosen = [argument for file in files for argument in ("-f", file)]
            return partial(run, project.psql("one_session", "--single-transaction", *chosen))

        # In the container and on its socket, as the entrypoint does it.
        def process_a_file():
            project.empty("process_a_file")
            loop = "for f in /tmp/scripts/*; do psql -X -q -v ON_ERROR_STOP=1 -U bench -d process_a_file -f $f; done"
            return partial(project.inside, "sh", "-ec", loop)

        ours, session, processes = in_turn(rounds, with_dbctl, one_session, process_a_file)
    detail = f"{milliseconds(ours, session, processes)} (dbctl / one session / one psql a file)"
    table.at_most(f"{count} scripts: dbctl to one psql session", ours / session, 1.2, "×", detail)
    table.at_least(f"{count} scripts: one psql a file to dbctl", processes / ours, 3.5, "×")


def idle(directory, table):
    """`dbctl up` with nothing to do, beside the cheapest thing that the Docker CLI does in a container."""
    with _finished_project(directory, "idle") as project:
        ours, docker = in_turn(
            15,
            lambda: partial(project.dbctl, "up"),
            lambda: partial(run, ["docker", "exec", project.container, "true"]),
        )
    table.at_most("nothing to do: dbctl up to docker exec … true", ours / docker, 1, "×", milliseconds(ours, docker))


def url(directory, table):
    """`dbctl up --url` with nothing to do."""
    with _finished_project(directory, "url") as project:
        target = project.url()
        (ours,) = in_turn(20, lambda: partial(project.dbctl, "up", "--url", target))
    table.at_most("nothing to do: dbctl up --url", ours.median() * 1000, 25, "ms")


def help_text(_directory, table):
    (ours,) = in_turn(30, lambda: partial(run, [DBCTL, "--help"]))
    table.at_most("dbctl --help", ours.median() * 1000, 10, "ms")


def start(directory, table):
    """The sample project from no container to all scripts applied, beside the same by hand."""
    project = sample_project(directory / "start", "dbctl-bench-start")
    by_hand = _ByHand(directory / "by-hand", project)
    with removed_at_the_end(project):
        project.dbctl("up")
        by_hand.image = run(["docker", "inspect", "--format", "{{.Image}}", project.container]).strip()

        def with_dbctl():
            project.remove()
            return partial(project.dbctl, "up")

        def without():
            project.remove()
            return by_hand.up

        ours, theirs = in_turn(4, with_dbctl, without)
    table.at_most("no container to 29 applied: dbctl to by hand", ours / theirs, 1.5, "×", milliseconds(ours, theirs))


def _large_script(name, write, rounds, directory):
    """One large script in one transaction, `dbctl run` beside psql, at the same address."""
    project = empty_project(directory / name, f"dbctl-bench-{name}")
    with removed_at_the_end(project):
        project.dbctl("up")
        script = directory / f"{name}.sql"
        write(script)

        def with_dbctl():
            project.empty("ours")
            return partial(project.dbctl, "run", "--single-transaction", "--url", project.url("ours"), str(script))

        def with_psql():
            project.empty("theirs")
            return partial(run, project.psql("theirs", "--single-transaction", "-f", script))

        ours, theirs = in_turn(rounds, with_dbctl, with_psql)
        script.unlink()
    return ours, theirs


def inserts(directory, table):
    ours, theirs = _large_script("inserts", large_scripts.inserts, 3, directory)
    table.at_least("300,000 INSERTs: psql to dbctl", theirs / ours, 3, "×", milliseconds(ours, theirs))


def copy(directory, table):
    ours, theirs = _large_script("copy", large_scripts.copy, 3, directory)
    table.at_most("1 GB of COPY data: dbctl to psql", ours / theirs, 1, "×", milliseconds(ours, theirs))


def definitions(directory, table):
    ours, theirs = _large_script("definitions", large_scripts.definitions, 5, directory)
    table.at_most("5,000 definitions: dbctl to psql", ours / theirs, 1, "×", milliseconds(ours, theirs))


@contextmanager
def _finished_project(directory, name):
    """A project of 30 scripts that is up, with nothing left to do, until the end of the block."""
    project = empty_project(directory / name, f"dbctl-bench-{name}")
    small_scripts.write(project.directory / "init", 30)
    with removed_at_the_end(project):
        project.dbctl("up")
        yield project


class _ByHand:
    """What a person would type: docker run, wait, and one psql session for all scripts."""

    def __init__(self, directory, project):
        self.project = project
        self.image = IMAGE
        directory.mkdir()
        self.session = directory / "session.sql"
        self.session.write_text("\n".join(self._lines(directory)) + "\n")

    def _lines(self, directory):
        for script in sorted((self.project.directory / "init").iterdir()):
            if script.suffix == ".sh":
                yield f"\\! docker exec -i -u postgres {self.project.container} bash -e < {script}"
            elif script.name.startswith("028_"):
                yield f"\\i {script}"
            else:
                yield f"BEGIN;\n\\i {_plain(script, directory)}\nCOMMIT;"

    def up(self):
        project = self.project
        run(["docker", "run", "--detach", "--name", project.container, "--shm-size", "256m",
             "--volume", f"{project.volume}:/var/lib/postgresql/data",
             "--env", f"POSTGRES_USER={project.user}", "--env", f"POSTGRES_DB={project.database}",
             "--env", f"POSTGRES_PASSWORD={project.password}", "--env", "DASHBOARD_DB_PASSWORD=dashboard-dev",
             self.image])
        wait_for_server(project.container)
        run(project.psql(project.database, "-f", self.session))


def _plain(script, directory):
    if script.suffix != ".gz":
        return script
    plain = directory / script.stem
    plain.write_bytes(gzip.decompress(script.read_bytes()))
    return plain


def lexer(_directory, table):
    """The lexer alone, on the sample project's scripts again and again."""
    printed = run(["cargo", "bench", "--quiet", "--locked", "--bench", "lexer"], cwd=ROOT)
    table.at_least("the lexer on plain SQL", float(printed.split()[-1]), 200, "MB/s")


MEASURES = {
    "help": help_text,
    "url": url,
    "idle": idle,
    "scripts-300": partial(scripts, 300, 9),
    "scripts-1000": partial(scripts, 1000, 5),
    "start": start,
    "fresh": fresh.fresh,
    "inserts": inserts,
    "copy": copy,
    "definitions": definitions,
    "lexer": lexer,
}
