#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""After a barrier reply no frame meets the old table: ten thousand changes, a frame after each."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Switch, helper, main, need_tap, quiet_veth, sh, tmp

ROUNDS = 840  # Times 12 combinations: ten thousand.


def storm(kind, workers, transport):
    """barrier-storm against a switch with three ports of a kind."""
    far = []
    if kind == "tap":
        need_tap()
    for i in (1, 2, 3):
        if kind == "raw":
            quiet_veth(f"p{i}", f"e{i}")
        far.append(f"e{i}" if kind == "raw" else f"p{i}")
    path = os.path.join(tmp(), "listen")
    listen, target = {"tcp": ("ptcp:6654", "6654"), "unix": (f"punix:{path}", path)}[transport]
    switch = Switch("--listen", listen, "--workers", workers, "--fail-mode", "secure",
                    ports=[f"p{i},type={kind}" for i in (1, 2, 3)])
    for dev in far:
        sh("ip", "link", "set", dev, "up")
    switch.wait_ports(3)
    print("     " + sh(helper("barrier-storm"), target, *far, ROUNDS).strip())
    switch.stop()


def case(kind, workers, transport):
    def run():
        storm(kind, workers, transport)
    run.__name__ = f"barriers_with_{workers}_workers_on_{kind}_ports_over_{transport}"
    return run


main(*[case(kind, workers, transport) for kind in ("raw", "tap") for workers in (0, 1, 2)
       for transport in ("tcp", "unix")])
