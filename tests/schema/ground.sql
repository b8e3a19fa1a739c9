-- A schema with one of everything that a schema-only dump covers.
CREATE EXTENSION citext;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA app;
CREATE SCHEMA "Odd ""name";
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE app.pair AS (a integer, b text);
CREATE DOMAIN app.positive AS integer DEFAULT 1 CONSTRAINT is_positive CHECK (VALUE > 0);
CREATE TYPE app.floats AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE TYPE app.shell;
CREATE FUNCTION app.shell_in(cstring) RETURNS app.shell LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION app.shell_out(app.shell) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE app.shell (INPUT = app.shell_in, OUTPUT = app.shell_out, LIKE = integer);
CREATE COLLATION app.plain (LOCALE = 'C');
CREATE FUNCTION app.add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION app.is_same(a integer, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a = b';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$;
CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END; $$;
CREATE FUNCTION app.to_mood(integer) RETURNS app.mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'ok'::app.mood $$;
CREATE PROCEDURE app.tidy(INOUT done integer) LANGUAGE plpgsql AS $$ BEGIN done := 1; END; $$;
CREATE AGGREGATE app.total(integer) (SFUNC = app.add, STYPE = integer, INITCOND = '0');
CREATE OPERATOR app.=== (FUNCTION = app.is_same, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(app.===));
CREATE OPERATOR FAMILY app.numbers USING btree;
CREATE OPERATOR CLASS app.int_class FOR TYPE integer USING btree FAMILY app.numbers AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE CAST (integer AS app.mood) WITH FUNCTION app.to_mood(integer);
CREATE CONVERSION app.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY app.words (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION app.search (COPY = simple);
CREATE TEXT SEARCH PARSER app.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE app.template (LEXIZE = dsimple_lexize);
CREATE LANGUAGE plother HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE ACCESS METHOD pile TYPE TABLE HANDLER heap_tableam_handler;
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));

CREATE TABLE app.customers (
    id bigserial PRIMARY KEY,
    email citext UNIQUE,
    name text NOT NULL,
    mood app.mood NOT NULL DEFAULT 'ok',
    rank app.positive,
    "Weird Column" text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE app.orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES app.customers (id) ON DELETE CASCADE,
    amount numeric(10, 2) NOT NULL CHECK (amount >= 0),
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
    note varchar(100),
    tags text[] NOT NULL DEFAULT '{}',
    during tstzrange,
    CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&)
);
CREATE INDEX orders_customer ON app.orders (customer_id);
CREATE INDEX orders_tags ON app.orders USING gin (tags) WHERE note IS NOT NULL;
CREATE INDEX orders_half ON app.orders ((amount / 2));
CREATE STATISTICS app.orders_stats (ndistinct) ON customer_id, amount FROM app.orders;
CREATE RULE quiet AS ON DELETE TO app.orders WHERE OLD.amount > 1000 DO INSTEAD NOTHING;
CREATE TRIGGER touch BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION app.watch();
ALTER EVENT TRIGGER watch DISABLE;
ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.orders FOR SELECT TO writer USING (customer_id = 1);
CREATE TABLE app.events (at timestamptz NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE app.events_2025 PARTITION OF app.events FOR VALUES FROM ('2025-01-01Z') TO ('2026-01-01Z');
CREATE INDEX events_at ON app.events (at);
CREATE TRIGGER touch BEFORE UPDATE ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TABLE app.parent (a integer, b text);
CREATE TABLE app.child (c integer) INHERITS (app.parent);
CREATE TABLE app.typed OF app.pair;
CREATE TABLE app.copied (a integer NOT NULL, b integer);
CREATE UNIQUE INDEX copied_a ON app.copied (a);
CREATE TABLE "Odd ""name"."Table.with.dots" ("Column" integer);
CREATE SEQUENCE app.numbers;
CREATE VIEW app.rich AS SELECT id, name FROM app.customers WHERE rank > 10;
CREATE MATERIALIZED VIEW app.sums AS SELECT customer_id, sum(amount) AS total FROM app.orders GROUP BY customer_id WITH NO DATA;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'far.example');
CREATE FOREIGN DATA WRAPPER own_wrapper;
CREATE USER MAPPING FOR writer SERVER far OPTIONS (user 'w', password 'secret');
CREATE FOREIGN TABLE app.distant (a integer OPTIONS (column_name 'b')) SERVER far OPTIONS (table_name 't');
CREATE PUBLICATION news FOR TABLE app.customers;
CREATE SUBSCRIPTION hears CONNECTION 'host=far.example password=secret' PUBLICATION news WITH (connect = false);
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO reader;
GRANT USAGE ON SCHEMA app TO reader;
GRANT SELECT ON app.customers TO reader;
GRANT UPDATE (name) ON app.customers TO writer;
COMMENT ON TABLE app.orders IS 'What was bought';
COMMENT ON COLUMN app.orders.note IS 'Free text';
