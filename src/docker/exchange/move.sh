# journal, and how many of its steps are to be taken, if not all
#
# Each step is three lines, and can be taken any number of times: a kill in between
# loses nothing, and the whole is begun again. Nothing is ever written over.
is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

make_parent() {
    parent=${2%/*}
    if [ ! -d "$parent" ]; then
        mkdir -p "$parent"
        chown "$(stat -c %u:%g "${1%/*}")" "$parent"
        chmod "$(stat -c %a "${1%/*}")" "$parent"
    fi
}

rename() {
    make_parent "$1" "$2"
    mv "$1" "$2"
}

missing() {
    echo "neither $1 nor $2 exists" >&2
    exit 3
}

# What goes has arrived if it is there: nothing else ever comes to that place.
# Under its old name, by then, may be what has come instead.
go() {
    if ! is_there "$2"; then
        is_there "$1" || missing "$1" "$2"
        rename "$1" "$2"
    fi
}

# What comes has come if it is no longer where it was.
come() {
    if ! is_there "$1"; then
        is_there "$2" || missing "$1" "$2"
    elif is_there "$2"; then
        echo "both $1 and $2 exist" >&2
        exit 3
    else
        rename "$1" "$2"
    fi
}

if [ -e "$1" ]; then
    left=${2:-all}
    while [ "$left" != 0 ] && IFS= read -r verb && IFS= read -r first && IFS= read -r second; do
        case $verb in
            go) go "$first" "$second" ;;
            come) come "$first" "$second" ;;
            flush) if [ -d "$first" ]; then sync "$first"; fi ;;
            prune) if [ -d "$first" ]; then find "$first" -depth -type d -exec rmdir {} \; 2>/dev/null || :; fi ;;
            sweep)
                rm -rf "$first"
                rmdir "${first%/*}" 2>/dev/null || :
                ;;
            forget) rm -f "$first" ;;
        esac
        if [ "$left" != all ]; then left=$((left - 1)); fi
    done <"$1"
    if [ "$left" = all ]; then
        rm -f "$1"
        sync "${1%/*}"
    fi
fi
