#!/usr/bin/env bash
# Initialises an empty data directory as docker-entrypoint.sh does, and ends
# without starting the server. A data directory that is filled already is left
# alone; as docker-enforce-initdb.sh, it is an error.
set -Eeo pipefail

# shellcheck source=docker-entrypoint.sh
source /usr/local/bin/docker-entrypoint.sh

docker_setup_env
docker_create_db_directories
if [ "$(id -u)" = 0 ]; then
    exec gosu postgres "$0" "$@"
fi
if [ -z "$DATABASE_ALREADY_EXISTS" ]; then
    docker_init "$@"
elif [ "${0##*/}" = docker-enforce-initdb.sh ]; then
    complain "error: $PGDATA is initialised already; docker-enforce-initdb.sh wants an empty one"
    exit 1
fi
