# journal, and `back` where the first rename is to be taken back
#
# Forgotten where nothing of it was done: until the first rename, the old cluster is in
# service, and may have been started since.
if [ -e "$1" ]; then
    { IFS= read -r verb && IFS= read -r first && IFS= read -r second; } <"$1"
    if [ "${2:-}" = back ] && [ "$verb" = go ] && [ ! -e "$first" ] && [ -e "$second" ]; then
        mv "$second" "$first"
        sync "${first%/*}" "${second%/*}"
    fi
    if [ "$verb" = go ] && [ -e "$first" ] && [ ! -e "$second" ]; then
        rmdir -p "${second%/*}" 2>/dev/null || :
        rm -f "$1"
        sync "${1%/*}"
    fi
fi
