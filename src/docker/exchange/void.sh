# journal
#
# Forgotten where nothing of it was done: until the first rename, the old cluster is in
# service, and may have been started since.
if [ -e "$1" ]; then
    { IFS= read -r verb && IFS= read -r first && IFS= read -r second; } <"$1"
    if [ "$verb" = go ] && [ -e "$first" ] && [ ! -e "$second" ]; then
        rm -f "$1"
        sync "${1%/*}"
    fi
fi
