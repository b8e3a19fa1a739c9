# Runs one shell script ($1) of the init dir as the image's entrypoint would.
script=$1

# dbctl holds this shell's input open for as long as it lives: at its end the whole group ends, so that a
# killed dbctl leaves nothing at work.
(cat >/dev/null; kill -TERM 0) >/dev/null 2>&1 &
watch=$!

(
    # The entrypoint has these on when it sources a script.
    set -Eeo pipefail
    entrypoint=$(command -v docker-entrypoint.sh || true)
    if [ -n "$entrypoint" ] && grep -qE '_is_sourced|BASH_SOURCE\[0\]\}" = "\$0"' "$entrypoint"; then
        . "$entrypoint"
        docker_setup_env
    else
        file_env() {
            local name=$1 file=$1_FILE
            if [ -n "${!file:-}" ]; then export "$name"="$(<"${!file}")"; fi
            export "$name"="${!name:-${2:-}}"
            unset "$file"
        }
        docker_process_sql() {
            PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc \
                --dbname "$POSTGRES_DB" "$@"
        }
        file_env POSTGRES_PASSWORD
        file_env POSTGRES_USER postgres
        file_env POSTGRES_DB "$POSTGRES_USER"
        file_env POSTGRES_INITDB_ARGS
    fi
    unset DATABASE_ALREADY_EXISTS
    export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
    if [ -x "$script" ]; then "$script"; else . "$script"; fi
) </dev/null
code=$?

case $script in /tmp/dbctl-*) rm -f "$script" 2>/dev/null ;; esac
kill "$watch" 2>/dev/null
exit "$code"
