# directory...
for directory in "$@"; do
    printf 'in\t%s\n' "$directory"
    for entry in "$directory"/* "$directory"/.[!.]* "$directory"/..?*; do
        if [ -e "$entry" ] || [ -L "$entry" ]; then
            printf 'is\t%s\n' "${entry##*/}"
        fi
    done
done
