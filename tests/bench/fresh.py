"""Fresh rebuilds after an edit of the last of 300 scripts, and of unchanged ones, beside what people do without dbctl."""

import json
import os
import shutil
import subprocess
import time
from functools import partial

import small_scripts
from clock import Times, in_turn, run
from project import DBCTL, IMAGE, ROOT, empty_project, removed_at_the_end

COUNT = 300

# As teams write it, but for the healthcheck's interval: it is not the interval that is to be measured.
BY_COMPOSE = """name: {name}
services:
  postgres-db:
    image: {image}
    environment:
      POSTGRES_USER: bench
      POSTGRES_DB: bench
      POSTGRES_PASSWORD: bench
    volumes:
      - data:/var/lib/postgresql/data
      - ./init:/docker-entrypoint-initdb.d:ro
    healthcheck:
      test: [CMD-SHELL, pg_isready -q -h 127.0.0.1 -U bench -d bench]
      interval: 100ms
      timeout: 5s
      retries: 600
volumes:
  data:
"""


class Edits:
    """The last script, edited again and again."""

    def __init__(self, files):
        self.last = files[-1]
        self.text = self.last.read_text()
        self.count = 0

    def make(self):
        self.count += 1
        self.last.write_text(f"{self.text}COMMENT ON TABLE bench_1 IS 'edit {self.count}';\n")


def compose(*arguments, cwd):
    plugins = ROOT / "target/docker-cli"
    config = {"DOCKER_CONFIG": str(plugins)} if plugins.exists() else {}
    return run(["docker", "compose", *arguments], cwd=cwd, env=config)


def fresh(directory, table):
    project = empty_project(directory / "fresh", "dbctl-bench-fresh")
    theirs = empty_project(directory / "by-compose", "dbctl-bench-by-compose")
    (theirs.directory / "compose.yaml").write_text(BY_COMPOSE.format(name=theirs.name, image=IMAGE))
    (project.directory / "dbctl.toml").write_text("[layers]\nahead = false\n")
    with removed_at_the_end(project):
        edits = Edits(small_scripts.write(project.directory / "init", COUNT))
        shutil.copytree(project.directory / "init", theirs.directory / "init", dirs_exist_ok=True)
        project.dbctl("up", "-q")
        edits.make()
        project.dbctl("rebuild", "--fresh", "-q")
        # Ten healthchecks a second would burden what is measured afterwards.
        with removed_at_the_end(theirs):
            _edited(project, theirs, edits, table)
        _unchanged(project, table)
        _watch(project, edits, table)


def _edited(project, theirs, edits, table):
    init = project.directory / "init"

    def with_dbctl():
        project.dbctl("rebuild", "--fresh", "--ahead")
        edits.make()
        return partial(project.dbctl, "rebuild", "--fresh", "-q")

    def one_session():
        project.empty("one_session")
        chosen = [argument for file in sorted(init.iterdir()) for argument in ("-f", file)]
        return partial(run, project.psql("one_session", "--single-transaction", *chosen))

    def by_compose():
        compose("up", "--wait", cwd=theirs.directory)

        def again():
            compose("down", "-v", cwd=theirs.directory)
            compose("up", "--wait", cwd=theirs.directory)

        return again

    ours, session = in_turn(9, with_dbctl, one_session)
    detail = f"{_ms(ours)} / {_ms(session)}"
    table.at_least("last of 300 edited: one psql session to rebuild --fresh", session / ours, 3, "×", detail)
    ours, wiped = in_turn(3, with_dbctl, by_compose)
    detail = f"{_ms(ours)} / {_ms(wiped)}"
    table.at_least("last of 300 edited: down -v && up --wait to rebuild --fresh", wiped / ours, 10, "×", detail)


def _unchanged(project, table):
    project.empty("bench_template")
    run(["docker", "exec", project.container, "sh", "-c",
         "pg_dump -U bench bench | psql -q -X -U bench -d bench_template -v ON_ERROR_STOP=1"])

    def bare():
        run(project.psql("postgres", "-c", "DROP DATABASE IF EXISTS bare", "-c", "CHECKPOINT"))
        return partial(run, project.psql("postgres", "-c", "CREATE DATABASE bare TEMPLATE bench_template"))

    def prepared():
        project.dbctl("rebuild", "--fresh", "--ahead")
        run(project.psql("postgres", "-c", "CHECKPOINT"))
        return partial(project.dbctl, "rebuild", "--fresh", "-q")

    def without():
        run(project.psql("postgres", "-c", "CHECKPOINT"))
        return partial(project.dbctl, "rebuild", "--fresh", "-q")

    # The layer of all scripts is there; the ready clone is used up by the first.
    ours, later, template = in_turn(9, prepared, without, bare)
    detail = f"{_ms(ours)} / {_ms(later)} / {_ms(template)}"
    table.at_most("unchanged, clone ready: rebuild --fresh to CREATE DATABASE … TEMPLATE", ours / template, 0.5, "×", detail)
    table.at_most("unchanged, no clone: rebuild --fresh to CREATE DATABASE … TEMPLATE", later / template, 2, "×", detail)


def _watch(project, edits, table):
    """From the save of the last script to the line that says it is in service."""
    (project.directory / "dbctl.toml").write_text("")
    command = [DBCTL, "watch", "--json"]
    environment = {**os.environ, "POSTGRES_IMAGE": IMAGE}
    taken = Times()
    with subprocess.Popen(command, cwd=project.directory, env=environment, stdout=subprocess.PIPE, text=True) as watch:
        _document(watch.stdout)
        for number in range(12):
            # Long enough for what is laid ready after each rebuild.
            time.sleep(4)
            begun = time.perf_counter()
            edits.make()
            _document(watch.stdout)
            if number > 1:
                taken.append(time.perf_counter() - begun)
        watch.terminate()
    table.at_most("watch: from save to result, last of 300", taken.median() * 1000, 150, "ms")


def _document(stream):
    """One JSON document of several lines; what `lint` says between them is passed over."""
    text = ""
    for line in stream:
        text += line
        try:
            document = json.loads(text)
        except json.JSONDecodeError:
            continue
        if "findings" not in document:
            return document
        text = ""
    raise SystemExit(f"error: `dbctl watch` ended after `{text}`")


def _ms(taken):
    return f"{taken.median() * 1000:.0f} ms"
