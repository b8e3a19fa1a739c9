# file, its content on standard input
cat >"$1.draft"
sync "$1.draft"
mv "$1.draft" "$1"
sync "${1%/*}"
