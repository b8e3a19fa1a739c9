#!/usr/bin/env bash
# Starts PostgreSQL; on an empty data directory, initialises it first and runs
# what lies in /docker-entrypoint-initdb.d. Variables, function names and
# behaviour are those that users of the official postgres image rely on.
# Sourcing this file defines the functions and runs nothing.
set -Eeo pipefail

complain() {
    printf '%s\n' "$@" >&2
}

# file_env NAME [DEFAULT] exports NAME from itself, from the file that NAME_FILE names, or DEFAULT.
file_env() {
    local name=$1 file_name=${1}_FILE value=${2:-}
    local file=${!file_name:-}
    if [ -n "${!name:-}" ] && [ -n "$file" ]; then
        complain "error: both $name and $file_name are set (but are exclusive)"
        exit 1
    fi
    if [ -n "${!name:-}" ]; then
        value=${!name}
    elif [ -n "$file" ]; then
        value=$(<"$file")
    fi
    export "$name"="$value"
    unset "$file_name"
}

docker_setup_env() {
    file_env POSTGRES_PASSWORD
    file_env POSTGRES_USER postgres
    file_env POSTGRES_DB "$POSTGRES_USER"
    file_env POSTGRES_INITDB_ARGS
    POSTGRES_HOST_AUTH_METHOD=${POSTGRES_HOST_AUTH_METHOD:-}

    declare -g DATABASE_ALREADY_EXISTS=''
    declare -ga OLD_DATABASES=()
    if [ -s "$PGDATA/PG_VERSION" ]; then
        DATABASE_ALREADY_EXISTS=true
    elif [ "$PGDATA" = "/var/lib/postgresql/$PG_MAJOR/docker" ]; then
        find_old_databases
    fi
}

# From 18 on the volume is /var/lib/postgresql. A database, or a mount, at an
# older version's place would otherwise be passed over without a word.
find_old_databases() {
    local place
    for place in /var/lib/postgresql /var/lib/postgresql/data /var/lib/postgresql/*/docker; do
        if [ -s "$place/PG_VERSION" ]; then
            OLD_DATABASES+=("$place")
        fi
    done
    if [ ${#OLD_DATABASES[@]} -eq 0 ] && mountpoint -q /var/lib/postgresql/data; then
        OLD_DATABASES+=('/var/lib/postgresql/data (unused mount/volume)')
    fi
}

docker_error_old_databases() {
    [ ${#OLD_DATABASES[@]} -gt 0 ] || return 0
    complain \
        "Error: from PostgreSQL 18 on, this image keeps its data in $PGDATA" \
        '       and wants the volume at /var/lib/postgresql. In the old place there is:' \
        "${OLD_DATABASES[@]/#/         }"
    exit 1
}

# Ownership is put right as root; as another user that is not possible, and the image's own directories are fine.
docker_create_db_directories() {
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA" || :
    mkdir -p /var/run/postgresql || :
    chmod 3775 /var/run/postgresql || :
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        chmod 0700 "$POSTGRES_INITDB_WALDIR"
    fi
    if [ "$(id -u)" = 0 ]; then
        find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \
            ! -user postgres -exec chown postgres {} +
    fi
}

docker_verify_minimum_env() {
    if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
        complain 'WARNING: POSTGRES_HOST_AUTH_METHOD is "trust": anyone who reaches the port may do anything.'
    elif [ -z "$POSTGRES_PASSWORD" ]; then
        complain \
            'Error: Database is uninitialized and superuser password is not specified.' \
            '       Set POSTGRES_PASSWORD to a value that is not empty,' \
            '       or POSTGRES_HOST_AUTH_METHOD=trust to let everyone in without one.'
        exit 1
    fi
}

# POSTGRES_INITDB_ARGS is a piece of a command line, quotes included: hence eval.
docker_init_database_dir() {
    local arguments=("$@")
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        arguments=(--waldir "$POSTGRES_INITDB_WALDIR" "${arguments[@]}")
    fi
    eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"' "${arguments[@]}"'
}

# The server is asked for its password method with the command's own arguments.
pg_setup_hba_conf() {
    if [ "${1:-}" = postgres ]; then
        shift
    fi
    local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}
    printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# Reachable through the unix socket only, so that nobody takes it for the real server.
docker_temp_server_start() {
    if [ "${1:-}" = postgres ]; then
        shift
    fi
    NOTIFY_SOCKET='' PGUSER=${PGUSER:-$POSTGRES_USER} \
        pg_ctl -D "$PGDATA" -w -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")" start
}

docker_temp_server_stop() {
    PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop
}

# docker_process_sql [PSQL ARGUMENT…] runs psql on POSTGRES_DB, or without a --dbname where that is empty.
docker_process_sql() {
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc \
        ${POSTGRES_DB:+--dbname "$POSTGRES_DB"} "$@"
}

docker_setup_db() {
    local found
    found=$(POSTGRES_DB='' docker_process_sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only \
        <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
    if [ -z "$found" ]; then
        POSTGRES_DB='' docker_process_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db"'
        echo
    fi
}

docker_process_init_file() {
    case $1 in
        *.sh)
            if [ -x "$1" ]; then
                echo "$0: running $1"
                "$1"
            else
                echo "$0: sourcing $1"
                # shellcheck disable=SC1090
                . "$1"
            fi
            ;;
        *.sql) echo "$0: running $1"; docker_process_sql -f "$1"; echo ;;
        *.sql.gz) echo "$0: running $1"; gunzip -c "$1" | docker_process_sql; echo ;;
        *.sql.xz) echo "$0: running $1"; xzcat "$1" | docker_process_sql; echo ;;
        *.sql.zst) echo "$0: running $1"; zstd -dc "$1" | docker_process_sql; echo ;;
        *) echo "$0: ignoring $1" ;;
    esac
    echo
}

docker_process_init_files() {
    local file
    echo
    for file; do
        docker_process_init_file "$file"
    done
}

docker_init() {
    docker_verify_minimum_env
    docker_error_old_databases
    # An init directory that cannot be read should fail before initdb has left anything behind.
    ls /docker-entrypoint-initdb.d/ >/dev/null

    docker_init_database_dir
    pg_setup_hba_conf "$@"

    # Needed only where POSTGRES_INITDB_ARGS wants a password on the socket.
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    docker_temp_server_start "$@"
    docker_setup_db
    docker_process_init_files /docker-entrypoint-initdb.d/*
    docker_temp_server_stop
    unset PGPASSWORD
}

# Whether the arguments make the server print something and end, for which no database is wanted.
asks_for_information() {
    local argument
    for argument; do
        case $argument in
            '-?' | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

main() {
    case ${1:-} in
        -*) set -- postgres "$@" ;;
    esac
    if [ "${1:-}" = postgres ] && ! asks_for_information "$@"; then
        docker_setup_env
        docker_create_db_directories
        if [ "$(id -u)" = 0 ]; then
            exec gosu postgres "${BASH_SOURCE[0]}" "$@"
        fi
        if [ -n "$DATABASE_ALREADY_EXISTS" ]; then
            printf '\n%s\n\n' 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
        else
            docker_init "$@"
            printf '\n%s\n\n' 'PostgreSQL init process complete; ready for start up.'
        fi
    fi
    exec "$@"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    main "$@"
fi
