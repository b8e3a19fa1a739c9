"""Scripts that are large: many rows one by one, much COPY data, many definitions."""

ROWS = 300_000
GIGABYTE = 1_000_000_000
DEFINITIONS = 5_000


def inserts(path):
    """One table, and each of its rows by a statement of its own."""
    with open(path, "w") as script:
        script.write("CREATE TABLE items (id INTEGER, name TEXT, price NUMERIC);\n")
        for number in range(ROWS):
            script.write(f"INSERT INTO items (id, name, price) VALUES ({number}, 'item number {number}', {number}.25);\n")


def copy(path):
    """One COPY of a gigabyte of rows, into a table that writes no log: the reading is to be measured, not the disk."""
    row = "\t".join(["4711", "a name of some length that people give to things", "2026-01-25 12:00:00+00", "0.25" * 20]) + "\n"
    block = row * 10_000
    with open(path, "w") as script:
        script.write("CREATE UNLOGGED TABLE copied (id INTEGER, name TEXT, at TEXT, rest TEXT);\nCOPY copied FROM STDIN;\n")
        for _ in range(GIGABYTE // len(block)):
            script.write(block)
        script.write("\\.\n")


def definitions(path):
    """Mixed definitions, on few enough tables for the server's default lock table."""
    with open(path, "w") as script:
        for number in range(DEFINITIONS):
            script.write(_definition(number) + "\n")


def _definition(number):
    table = f"defined_{number // 50}"
    match number % 50:
        case 0:
            return f"CREATE TABLE {table} (id BIGINT PRIMARY KEY, name TEXT NOT NULL);"
        case 1:
            return f"CREATE INDEX idx_{table}_name ON {table} (name);"
        case 2:
            return f"CREATE VIEW {table}_names AS SELECT name FROM {table};"
        case rest if rest % 5 == 3:
            return f"CREATE OR REPLACE FUNCTION {table}_f() RETURNS INTEGER LANGUAGE sql AS 'SELECT {number}';"
        case rest if rest % 5 == 4:
            return f"ALTER TABLE {table} ADD COLUMN c{rest} INTEGER DEFAULT {rest};"
        case rest:
            return f"COMMENT ON TABLE {table} IS 'comment {rest}';"
