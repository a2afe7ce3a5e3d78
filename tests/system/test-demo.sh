#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo, two at once in one sandbox: both must work, and leave nothing behind.
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
export TMPDIR=/run/tmp
mkdir $TMPDIR
ip link set lo up
here=$(cd "$(dirname "$0")" && pwd)
run_demo() {
    "$here/demo.sh" --build "$top_builddir" >"/run/log.$1" 2>&1
}
run_demo 1 &
first=$!
run_demo 2 &
second=$!
status=0
wait $first || status=$?
wait $second || status=$?
cat /run/log.1
[ $status = 0 ] || cat /run/log.2
left=$(ip netns list; ip -o link | grep -v ': lo:' || true; ls $TMPDIR)
if [ -n "$left" ]; then
    echo "the demo left behind: $left"
    status=1
fi
exit $status
