# Runs one shell script ($1) of the init dir as the image's entrypoint would.
#
# PID 1 of the container is the postmaster, and it takes the death by a signal of any process that it inherits
# for that of a backend: it would restart the server. So no process is ever ended before its children.
script=$1

has_child() {
    local stat fields
    child=
    for stat in /proc/[0-9]*/stat; do
        # After the name in parentheses: state, parent.
        fields=$(cat "$stat" 2>/dev/null) || continue
        fields=(${fields##*) })
        if [ "${fields[1]:-}" = "$1" ] && [ "${fields[0]}" != Z ]; then
            stat=${stat#/proc/}
            child=${stat%/stat}
            return 0
        fi
    done
    return 1
}

# Youngest descendants first, each reaped by its parent, which then goes on, fails, or is the next to end.
end_tree() {
    local root=$1 leaf rounds=200
    while kill -0 "$root" 2>/dev/null && [ $((rounds -= 1)) -gt 0 ]; do
        leaf=$root
        while has_child "$leaf"; do leaf=$child; done
        kill -TERM "$leaf" 2>/dev/null
        sleep 0.05
    done
}

exec 3<&0
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
) </dev/null 3<&- &
work=$!

# dbctl holds this shell's input open for as long as it lives: at its end the script ends, too, so that a killed
# dbctl leaves nothing at work.
(
    while IFS= read -r -N 1 -u 3 _; do :; done
    end_tree "$work"
) >/dev/null 2>&1 &
watch=$!

wait "$work"
code=$?
case $script in /tmp/dbctl-*) rm -f "$script" 2>/dev/null ;; esac
end_tree "$watch" 2>/dev/null
wait
exit "$code"
