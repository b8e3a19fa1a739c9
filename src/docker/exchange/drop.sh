# names folder..., the folder with the marks first; names have a space between them
#
# Without its mark, a previous data directory is rubbish, which the next run removes, too.
names=$1
shift
marks=$1
for name in $names; do
    rm -f "$marks/$name.json"
done
sync "$marks" 2>/dev/null || :
for folder in "$@"; do
    for directory in "$folder"/previous-*; do
        if [ -d "$directory" ] && [ ! -e "$marks/${directory##*/}.json" ]; then
            rm -rf "$directory"
        fi
    done
done
