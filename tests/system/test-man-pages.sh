#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option, command and key of a port that a program has stands in its manual, and no other does;
# and a test uses it.
top_srcdir=${top_srcdir:-.}
top_builddir=${top_builddir:-.}
dir=$(mktemp -d) || exit 1
daemon=
trap 'test -z "$daemon" || kill $daemon; rm -rf "$dir"' EXIT
status=0

# A manual without its macros and fonts.
plain() {
    sed -E 's/\\-/-/g; s/\\f.//g; s/\\\(dq/"/g; s/^\.(B|I|BR|BI|RB|IR) //; s/"//g' "$1"
}

# Long options among the words of a text.
options() {
    grep -oE -- '(^|[^a-z0-9-])--[a-z][a-z-]*' | grep -oE -- '--.*' | sort -u
}

# The headings of a manual's paragraphs.
headings() {
    awk 'is_head { print } { is_head = $1 == ".TP" }'
}

# The lower-case words that each line begins with.
leading_words() {
    tr '[]"' '   ' | sed -E 's/^ +//; s/  .*//; s/(^| )[^a-z ].*//' | grep . | sort -u
}

# Commands of a program: what its help says, and what the headings of its manual say.
help_commands() {
    sed -n '/^Commands:/,/^Options:/s/^  \([a-z]\)/\1/p' | leading_words
}
manual_commands() {
    sed -n '/^\.SH COMMANDS/,/^\.SH [^C]/p' | headings |
        awk '{ n = split($0, a, ", "); for (i = 1; i <= n; i++) print a[i] }' | leading_words
}

# Complains about lines that only one of two files has.
compare() {
    comm -23 "$2" "$3" | sed "s/^/$1: not in the manual: /" >"$dir/complaints"
    comm -13 "$2" "$3" | sed "s/^/$1: only in the manual: /" >>"$dir/complaints"
    cat "$dir/complaints"
    test ! -s "$dir/complaints" || status=1
}

# Complains about words in the file $2 that stand in no test of program $1; those are told by $3.
used() {
    users=$(find "$top_srcdir/tests" \( -name '*.py' -o -name '*.sh' -o -name '*.c' -o -name 'test-pki' \) \
        ! -path '*/bench/*' ! -name 'test-*man*' -exec grep -lE -- "$3" {} +)
    while read -r words; do
        pattern=$(echo "$words" | sed 's/[+]/\\&/g; s/ /[", ]+/g')
        # shellcheck disable=SC2086
        if ! grep -qE -- "(^|[^a-z-])$pattern([^a-z-]|\$)" $users </dev/null; then
            echo "$1: no test uses $words"
            status=1
        fi
    done <"$2"
}

# What tells a test of a program.
tells() {
    case $1 in
        sluiced) echo 'sluiced|Switch[(]' ;;
        sluicectl) echo 'sluicectl' ;;
        sluice-ofctl) echo 'ofctl|OFCTL' ;;
        *) echo "$1" ;;
    esac
}

for name in sluiced sluicectl sluice-ofctl sluice-controller sluice-pki; do
    manual=$top_srcdir/utilities/$name.8
    "$top_builddir/utilities/$name" --help >"$dir/help" || exit 1
    plain "$manual" >"$dir/manual"
    sed -n 's/^ *\(-.*\)/\1/p' "$dir/help" | sed 's/  .*//' | options >"$dir/a"
    options <"$dir/manual" | comm -12 "$dir/a" - >"$dir/b"
    headings <"$dir/manual" | options | sort -u - "$dir/b" >"$dir/c"
    compare $name "$dir/a" "$dir/c"
    used $name "$dir/a" "$(tells $name)"
    sed -nE 's/^ *(-[a-zA-Z]), (--[a-z-]+).*/\1 \2/p' "$dir/help" | sort >"$dir/a"
    sed -nE 's/^(-[a-zA-Z]) *, *(--[a-z-]+).*/\1 \2/p' "$dir/manual" | sort >"$dir/b"
    test -s "$dir/a" || { echo "$name: no short options are found"; status=1; }
    compare $name "$dir/a" "$dir/b"
    if test $name != sluicectl; then
        help_commands <"$dir/help" >"$dir/a"
        manual_commands <"$dir/manual" >"$dir/b"
        compare $name "$dir/a" "$dir/b"
        used $name "$dir/a" "$(tells $name)"
    fi
done

# Only a running daemon knows sluicectl's commands.
"$top_builddir/utilities/sluiced" --detach --pidfile "$dir/pid" --run-dir "$dir" --no-local \
    --port m1,type=memory 2>"$dir/log" || { cat "$dir/log"; exit 1; }
daemon=$(cat "$dir/pid")
"$top_builddir/utilities/sluicectl" --run-dir "$dir" help | leading_words >"$dir/a"
plain "$top_srcdir/utilities/sluicectl.8" | manual_commands >"$dir/b"
compare sluicectl "$dir/a" "$dir/b"
used sluicectl "$dir/a" sluicectl

# The keys of a port: help and manual have the same, every kind's own are among them, and the others
# are those of all kinds. A kind that is asked for a wrong key tells those that it knows.
try_key() {
    "$top_builddir/utilities/sluiced" --run-dir "$dir" --no-local --port "x,type=$1,$2=zz" 2>&1
}
"$top_builddir/utilities/sluiced" --help | sed -n '/--port=/,/--controller=/p' | sed '1d;$d' | tr -s ' \n' ' ' |
    sed 's/.*add a port://; s/\[:/, /g' | tr ',' '\n' | grep -oE '^ [a-z-]+' | tr -d ' ' | sort -u >"$dir/keys"
plain "$top_srcdir/utilities/sluiced.8" | sed -n '/^-p.*--port/,/^-c.*--controller/p' | sed '1d;$d' | headings |
    sed 's/ | [a-z]*//g' | grep -oE '(^|[ ,:])[a-z-]+(=|$)' | grep -oE '[a-z-]+' | sort -u >"$dir/b"
compare "sluiced --port" "$dir/keys" "$dir/b"
used sluiced "$dir/keys" type=
for kind in raw tap memory pcap patch; do
    try_key $kind no-such-key | sed 's/.*it knows //; s/ (.*//' | tr ' ' '\n' >>"$dir/kinds"
done
for key in $(sort -u "$dir/kinds" | comm -23 - "$dir/keys"); do
    echo "sluiced --port: --help does not have $key"
    status=1
done
for key in $(sort -u "$dir/kinds" | comm -13 - "$dir/keys" | grep -vxE 'min-rate|limit'); do
    if try_key memory "$key" | grep -E 'is no option of kind|bridge br0: '; then
        echo "sluiced --port: no port has the key $key"
        status=1
    fi
done
exit $status
