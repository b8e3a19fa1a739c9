#!/usr/bin/env bash
# 023_service_passwords.sh
# Description: Passwords of the service roles, from the container's environment
# Author: Platform Team
# Date: 2025-11-10
#
# NAME_PASSWORD, or NAME_PASSWORD_FILE for a mounted secret. A role that has a
# password keeps it: change it with ALTER ROLE. Everything happens in a function
# and a subshell, because the image's entrypoint sources this file.

give_service_password() (
    set -eu
    role=$1
    password=$2
    file=$3
    if [ -n "$file" ]; then
        password=$(cat "$file")
    fi
    if [ -z "$password" ]; then
        echo "$role: no password given, so it cannot log in over the network"
        return
    fi
    export SERVICE_PASSWORD="$password"
    psql -X -q -v ON_ERROR_STOP=1 --no-password --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v role="$role" <<'SQL'
\set password `printf '%s' "$SERVICE_PASSWORD"`
SET password_encryption = 'scram-sha-256';
SELECT format('ALTER ROLE %I PASSWORD %L', :'role', :'password')
FROM pg_authid
WHERE rolname = :'role' AND rolpassword IS NULL
\gexec
SQL
)

give_service_password arasul_dashboard "${DASHBOARD_DB_PASSWORD:-}" "${DASHBOARD_DB_PASSWORD_FILE:-}"
give_service_password arasul_reporting "${REPORTING_DB_PASSWORD:-}" "${REPORTING_DB_PASSWORD_FILE:-}"
unset -f give_service_password
