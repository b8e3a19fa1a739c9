# journal folder...
if [ ! -e "$1" ]; then
    shift
    for folder in "$@"; do
        if [ -d "$folder" ]; then
            rm -rf "$folder"
            rmdir "${folder%/*}" 2>/dev/null || :
        fi
    done
fi
