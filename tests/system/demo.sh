#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The switch at work: two hosts, a learning controller, mutual TLS, ping and iperf3, the counters.
#
#    host h1 ---- veth ---- sluiced ---- veth ---- host h2        (each in a network namespace)
#    10.0.0.1                  | TLS                10.0.0.2
#                       sluice-controller
set -eu

build= keep=
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$(cd "$2" && pwd) && shift ;;
    --keep) keep=yes ;;
    *) echo "usage: demo.sh --build DIR [--keep]" >&2 && exit 2 ;;
    esac
    shift
done

id=$$
sw=sluice-$id h1=sluice-$id-h1 h2=sluice-$id-h2
dir=$(mktemp -d -t sluice-demo.XXXXXX)
bin=$build/utilities
ctl_pid= sw_pid= iperf_pid=

say() {
    printf '\n== %s\n' "$*"
}

# Everything that this script made, in reverse.
clean_up() {
    local pid ns
    for pid in $sw_pid $ctl_pid $iperf_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for ns in $h1 $h2 $sw; do
        ip netns del "$ns" 2>/dev/null || true
    done
    rm -rf "$dir"
}

fail() {
    echo "demo: $*" >&2
    for log in "$dir"/*.log; do
        [ -s "$log" ] && echo "--- ${log##*/}" >&2 && cat "$log" >&2
    done
    exit 1
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# Waits until the command given succeeds, for two minutes at most.
wait_for() {
    local end=$((SECONDS + 120))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

say "Two hosts in network namespaces, veth devices as the kernel makes them"
for ns in $sw $h1 $h2; do
    ip netns add "$ns"
    ip -n "$ns" link set lo up
done
for i in 1 2; do
    host=sluice-$id-h$i
    ip -n "$sw" link add "p$i" type veth peer name eth0 netns "$host"
    ip -n "$sw" link set "p$i" up
    ip -n "$host" addr add "10.0.0.$i/24" dev eth0
    ip -n "$host" link set eth0 up
    echo "h$i: 10.0.0.$i on eth0, other end p$i at the switch"
done

say "A site's keys: one authority for switches, one for controllers"
pki() {
    "$bin/sluice-pki" --dir "$dir/pki" "$@" >>"$dir/pki.log" 2>&1 || fail "sluice-pki $* failed"
}
pki init
(cd "$dir" && pki req+sign sw switch && pki req+sign ctl controller)
ls "$dir" | grep pem | tr '\n' ' ' && echo

say "A learning controller that accepts only switches of this site"
setsid ip netns exec "$sw" "$bin/sluice-controller" ptls:6653:127.0.0.1 \
    --private-key "$dir/ctl-privkey.pem" --certificate "$dir/ctl-cert.pem" \
    --ca-cert "$dir/pki/switchca/cacert.pem" >"$dir/controller.log" 2>&1 &
ctl_pid=$!

say "The switch, which accepts only controllers of this site"
setsid ip netns exec "$sw" "$bin/sluiced" --no-local --port p1 --port p2 \
    --controller tls:127.0.0.1:6653 --run-dir "$dir/run" \
    --private-key "$dir/sw-privkey.pem" --certificate "$dir/sw-cert.pem" \
    --ca-cert "$dir/pki/controllerca/cacert.pem" >"$dir/sluiced.log" 2>&1 &
sw_pid=$!
wait_for grep -q 'tls:127.0.0.1:6653: connected' "$dir/sluiced.log" ||
    fail "the switch did not connect to the controller"
grep 'connected' "$dir/sluiced.log"

say "ping from h1 to h2"
ip netns exec "$h1" ping -c 5 -i 0.2 -W 60 10.0.0.2 || fail "nobody answers"
for _ in {1..20}; do # Each by itself: for the last of many ping waits no longer than the others took.
    ip netns exec "$h1" ping -q -c 1 -W 60 10.0.0.2 >"$dir/ping.log" || fail "ping lost packets"
done

say "iperf3 over TCP, 5 seconds, offloads as they are by default"
ip netns exec "$h2" iperf3 -s -1 >"$dir/iperf-server.log" 2>&1 &
iperf_pid=$!
wait_for ip netns exec "$h2" sh -c 'ss -Hltn "sport = 5201" | grep -q .' || fail "no iperf3 server"
ip netns exec "$h1" iperf3 -c 10.0.0.2 -t 5 >"$dir/iperf.log" 2>&1 || fail "iperf3 failed"
grep -E 'sender|receiver' "$dir/iperf.log"
iperf_pid=

ofctl=("$bin/sluice-ofctl" --run-dir "$dir/run")
say "The flow table with its counters: sluice-ofctl dump-flows br0"
"${ofctl[@]}" dump-flows br0 || fail "dump-flows failed"
say "The ports with theirs: sluice-ofctl dump-ports br0"
"${ofctl[@]}" dump-ports br0 || fail "dump-ports failed"

say "What to try next"
if [ "$keep" ]; then
    trap - EXIT
    printf -v quoted '%q ' "${ofctl[@]}"
    cat <<END
The network stays up.
  ip netns exec $h1 ping 10.0.0.2
  ${quoted}show br0
  ${quoted}monitor br0 128
  ${quoted}add-flow br0 priority=40000,icmp,actions=drop
  tail -f $(printf %q "$dir/sluiced.log")
To take it away:
  kill $sw_pid $ctl_pid; for n in $h1 $h2 $sw; do ip netns del \$n; done; rm -rf $(printf %q "$dir")
END
else
    cat <<END
  ./bootstrap demo --keep      leaves such a network up to play with
  man ./utilities/sluiced.8    all that the switch can be told
  ./bootstrap check            every test
END
fi
