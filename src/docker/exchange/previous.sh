# folder..., that with the marks first
#
# A line for each previous data directory: its kilobytes, and its mark.
marks=$1
for mark in "$marks"/previous-*.json; do
    name=${mark##*/}
    name=${name%.json}
    if [ -f "$mark" ] && [ -d "$marks/$name" ]; then
        kilobytes=0
        for folder in "$@"; do
            if [ -d "$folder/$name" ]; then
                size=$(du -sk "$folder/$name")
                kilobytes=$((kilobytes + ${size%%[!0-9]*}))
            fi
        done
        printf '%s\t' "$kilobytes"
        cat "$mark"
        echo
    fi
done
