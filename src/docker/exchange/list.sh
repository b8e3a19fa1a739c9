# directory...
printf 'now\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
for directory in "$@"; do
    printf 'in\t%s\n' "$directory"
    for entry in "$directory"/* "$directory"/.[!.]* "$directory"/..?*; do
        if [ -e "$entry" ] || [ -L "$entry" ]; then
            printf 'is\t%s\n' "${entry##*/}"
        fi
    done
done
