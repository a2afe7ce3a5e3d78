#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo, two at once in one sandbox, in a directory whose name has a space: both must work, one
# must stay up and take the commands that it names, and in the end nothing is left behind.
set -eu

sandbox="unshare --net --mount --pid --ipc --uts --fork --mount-proc --kill-child"
if [ "${1:-}" != inside ]; then
    [ "$(id -u)" = 0 ] || sandbox="$sandbox --user --map-root-user"
    if ! $sandbox true 2>/dev/null; then
        echo "namespaces can't be made here: run as root, or allow user namespaces"
        exit 77
    fi
    for tool in ip ping iperf3 ss openssl; do
        command -v $tool >/dev/null || { echo "$tool is not installed" && exit 77; }
    done
    exec $sandbox "$0" inside
fi

mount -t tmpfs tmpfs /run
export TMPDIR="/run/a tmp"
mkdir "$TMPDIR"
ip link set lo up
here=$(cd "$(dirname "$0")" && pwd)
run_demo() {
    "$here/demo.sh" --build "$top_builddir" "${@:2}" >"/run/log.$1" 2>&1
}

# Does what the demo that stays up says on the line that has $1.
try_line() {
    local line
    line=$(grep -- "$1" /run/log.2) || true
    bash -c "${line:-false}" || { echo "'$line' does not work" && status=1; }
}
run_demo 1 &
first=$!
run_demo 2 --keep &
second=$!
status=0
wait $first || status=$?
wait $second || status=$?
cat /run/log.1
if [ $status = 0 ]; then
    try_line ' show br0$'
    try_line ' add-flow br0 '
    try_line '^  kill '
fi
[ $status = 0 ] || cat /run/log.2
left=$(ip netns list; ip -o link | grep -v ': lo:' || true; ls "$TMPDIR")
if [ -n "$left" ]; then
    echo "the demo left behind: $left"
    status=1
fi
exit $status
