#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Mininet with Sluice's switches: topologies, controllers, traffic with default offloads, changes while
they run, and mn itself."""
import importlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (ARP_PROBES, Failure, PATIENCE, Process, Skip, check, main, need, program, sh, tmp, top_builddir,
                        top_srcdir, wait_until)

HERE = os.path.dirname(os.path.abspath(__file__))
MODULE = os.path.join(top_srcdir, "utilities", "mininet", "sluice.py")
SEGMENT = 1448  # Bytes that TCP sends in a frame.
SIZES = ("single,8", "linear,8", "tree,depth=3,fanout=2")  # As mn names them.
OSKEN = ["/usr/bin/python3", "-c", "from os_ken.cmd.manager import main; main()",
         "--ofp-listen-host", "127.0.0.1", "--ofp-tcp-listen-port", "6653"]


def private_tmp():
    """A /tmp of our own: switches log there, and an mn that fails removes what others have there."""
    kept = [d for d in (top_srcdir, top_builddir) if d.startswith("/tmp/")]
    for i, directory in enumerate(kept):
        os.mkdir(f"/run/kept{i}")
        sh("mount", "--bind", directory, f"/run/kept{i}")
    sh("mount", "-t", "tmpfs", "tmpfs", "/tmp")
    for i, directory in enumerate(kept):
        os.makedirs(directory, exist_ok=True)
        sh("mount", "--bind", f"/run/kept{i}", directory)


def mininet():
    """Our module, ready to be used; skips without Mininet."""
    need("mn", "mnexec", "ifconfig")
    if os.geteuid() != 0:
        raise Skip("Mininet wants to be root")
    private_tmp()
    os.environ["PATH"] = os.path.join(top_builddir, "utilities") + ":" + os.environ["PATH"]
    sys.path.insert(0, os.path.dirname(MODULE))
    try:
        import mininet.net  # pylint: disable=import-outside-toplevel,unused-import
    except ImportError:
        raise Skip("python3 can't import mininet") from None
    # The sandbox has a /sys of the network outside; Mininet and we ask the kernel by netlink.
    return importlib.import_module("sluice")


def learning_controller():
    """sluice-controller, listening."""
    process = Process(program("sluice-controller"), "ptcp:6653", name="controller")
    wait_until(lambda: "6653" in sh("ss", "-ltn"), "the controller's socket")
    return process


def osken_controller():
    """Our learning application on os-ken."""
    if subprocess.run(["/usr/bin/python3", "-c", "import os_ken"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        raise Skip("os-ken is not installed")
    process = Process(*OSKEN, os.path.join(HERE, "oskensw.py"), name="osken")
    wait_until(lambda: "6653" in sh("ss", "-ltn"), "os-ken's socket")
    return process


def network(topo, switch, remote):
    """A started network, all of whose switches are connected."""
    from mininet.net import Mininet  # pylint: disable=import-outside-toplevel
    from mininet.node import RemoteController  # pylint: disable=import-outside-toplevel

    class Listening(RemoteController):
        """One that is known to listen: Mininet asks by telnet, which now and then hangs on a quick peer."""

        def checkListening(self):
            pass

    net = Mininet(topo=topo, switch=switch, controller=None, listenPort=6654)
    if remote:
        net.addController(Listening("c0", ip="127.0.0.1", port=6653))
    net.start()
    wait_until(lambda: all(s.connected() for s in net.switches), "the switches' connections")
    return net


def all_reach_all(net):
    """pingall without a loss."""
    for host in net.hosts:  # Lets nobody count as unreachable whose answer to ARP takes more than three seconds.
        for intf in host.intfList():
            host.cmd("ip ntable change name arp_cache dev", intf, "mcast_probes", ARP_PROBES)
    lost = net.pingAll(timeout=60)
    check(lost == 0, f"pingall lost {lost} %")


def offloads_are_on(host):
    """The host's offloads are as they are by default: all are on by which TCP comes in super-frames without
    checksums."""
    told = host.cmd("ethtool -k", host.defaultIntf())
    for name in ("tx-checksumming", "tcp-segmentation-offload", "generic-segmentation-offload"):
        check(f"\n{name}: on" in told.replace("\r", ""), f"{host.name}: {name} is not on:\n{told}")


def tcp(net, a, b):
    """TCP from one host to another by iperf3: what arrives does so without many retransmissions, at whatever
    speed."""
    need("iperf3", "ethtool")
    server = b.popen(["iperf3", "-s", "-1", "--forceflush"], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "listening" in line:
            break
    out, err, code = a.pexec("iperf3", "-c", b.IP(), "-n", "100M", "-J")
    server.wait()
    check(code == 0, f"iperf3 failed: {out}{err}")
    end = json.loads(out)["end"]
    sent, again = end["sum_sent"]["bytes"], end["sum_sent"]["retransmits"]
    for host in (a, b):
        offloads_are_on(host)
    check(sent >= 100e6 and 0.9 * sent < end["sum_received"]["bytes"] <= sent, out)
    check(again * SEGMENT < sent / 10, f"{again} segments were sent again for {sent} bytes")
    print(f"     {len(net.switches)} switches: {sent >> 20} MiB at {end['sum_received']['bits_per_second'] / 1e6:.0f} Mbit/s, "
          f"{again} retransmissions")


def nothing_is_left(sluice):
    """After the end there is no socket, no process and no device of a switch."""
    left = [f for f in os.listdir(sluice.SluiceSwitch.run_dir) if not f.startswith("sluiced")]
    check(not left, f"left over: {left}")
    check("sluiced" not in sh("ps", "-eo", "comm,stat", ok=False).replace("sluiced         Z", ""),
          "a sluiced still runs")
    devices = re.findall(r"\bs\d[^:@ ]*", sh("ip", "-o", "link"))
    check(not devices, f"left over: {devices}")


def scenario(topo, start_controller, bridge=False):
    """The topology forwards; the farthest hosts have TCP without many retransmissions; nothing is left over."""
    sluice = mininet()
    if start_controller:
        start_controller()
    net = network(topo(), sluice.SluiceBridge if bridge else sluice.SluiceSwitch,
                  bool(start_controller))
    try:
        all_reach_all(net)
        tcp(net, net.hosts[0], net.hosts[-1])
    finally:
        net.stop()
    nothing_is_left(sluice)


def topo_single(hosts=8):
    from mininet.topo import SingleSwitchTopo  # pylint: disable=import-outside-toplevel
    return SingleSwitchTopo(hosts)


def topo_linear():
    from mininet.topo import LinearTopo  # pylint: disable=import-outside-toplevel
    return LinearTopo(8)


def topo_tree():
    from mininet.topolib import TreeTopo  # pylint: disable=import-outside-toplevel
    return TreeTopo(depth=3, fanout=2)


def single_with_os_ken():
    scenario(topo_single, osken_controller)


def linear_with_os_ken():
    scenario(topo_linear, osken_controller)


# rows: BH7
def tree_with_os_ken():
    scenario(topo_tree, osken_controller)


# rows: BH7
def tree_with_our_controller():
    scenario(topo_tree, learning_controller)


def linear_of_bridges():
    scenario(topo_linear, None, bridge=True)


# rows: A7.7
def a_ring_with_rstp():
    """Three bridges in a ring: without a tree it would drown in its own broadcasts."""
    from mininet.topo import Topo  # pylint: disable=import-outside-toplevel
    sluice = mininet()
    topo = Topo()
    for i in (1, 2, 3):
        topo.addSwitch(f"s{i}", stp="rstp")
        topo.addHost(f"h{i}")
        topo.addLink(f"h{i}", f"s{i}")
    for i in (1, 2, 3):
        topo.addLink(f"s{i}", f"s{i % 3 + 1}")
    net = network(topo, sluice.SluiceBridge, False)
    try:
        all_reach_all(net)
        trees = [p["spanning_tree"] for s in net.switches for p in s.control("show")["bridges"][0]["ports"]]
        blocked = [tree for tree in trees if tree and tree["state"] == "blocking"]
        check(len(blocked) == 1, str(trees))
    finally:
        net.stop()
    nothing_is_left(sluice)


# rows: BH7
def tree_of_bridges():
    scenario(topo_tree, None, bridge=True)


def ports_come_and_go():
    """dpctl; a link added and taken away while the switch runs; a switch stopped and started."""
    sluice = mininet()
    learning_controller()
    net = network(topo_single(4), sluice.SluiceSwitch, True)
    try:
        s1 = net["s1"]
        all_reach_all(net)
        check("dpid:0000000000000001" in s1.dpctl("show"), "dpctl show:\n" + s1.dpctl("show"))
        check("actions=output" in s1.dpctl("dump-flows"), "dpctl dump-flows:\n" + s1.dpctl("dump-flows"))
        show = sh(program("sluice-ofctl"), "show", "tcp:127.0.0.1:6654")
        check("LOCAL(s1)" in show, "the listener:\n" + show)
        h9 = net.addHost("h9", ip="10.0.0.9/8")
        link = net.addLink(s1, h9)
        h9.configDefault()
        s1.attach(link.intf1)
        check("5(s1-eth5)" in s1.dpctl("show"), "after attach:\n" + s1.dpctl("show"))
        all_reach_all(net)
        s1.detach("s1-eth5")
        check("s1-eth5" not in s1.dpctl("show"), "after detach:\n" + s1.dpctl("show"))
        all_reach_all_but(net, h9)
        s1.attach("s1-eth5")
        all_reach_all(net)
        refused(s1.attach, "s1-eth5", "already")
        refused(s1.detach, "s1-eth77", "no port")
        s1.stop(deleteIntfs=False)
        check(not s1.connected(), "a stopped switch is connected")
        s1.start(net.controllers)
        wait_until(s1.connected, "the switch's return")
        all_reach_all(net)
    finally:
        net.stop()
    nothing_is_left(sluice)


def all_reach_all_but(net, lost):
    """All but one host reach each other, and nobody reaches that one."""
    rest = [h for h in net.hosts if h != lost]
    check(net.ping(rest, timeout=60) == 0, "hosts don't reach each other")
    check(net.ping([rest[0], lost], timeout=1) == 100, f"{lost} is reached without a port")


def refused(what, argument, word):
    """'what' fails with a text that has 'word'."""
    try:
        what(argument)
    except Exception as e:  # pylint: disable=broad-except
        check(word in str(e), f"refused with: {e}")
    else:
        raise Failure(f"{argument} was not refused")


def a_switch_that_cannot_start_says_why():
    sluice = mininet()
    from mininet.net import Mininet  # pylint: disable=import-outside-toplevel
    net = Mininet(controller=None)
    s1 = net.addSwitch("s1", cls=sluice.SluiceSwitch, opts="--port nosuchdevice")
    refused(s1.start, [], "nosuchdevice")
    net.stop()


def options_are_quoted_as_in_a_shell():
    sluice = mininet()
    from mininet.net import Mininet  # pylint: disable=import-outside-toplevel
    net = Mininet(controller=None)
    s1 = net.addSwitch("s1", cls=sluice.SluiceBridge, opts="--serial 'two words'")
    s1.start([])
    desc = s1.dpctl("dump-desc")
    check("two words" in desc, desc)
    s1.stop()
    s1.opts = "--serial 'two words"
    refused(s1.start, [], "No closing quotation: quote")
    net.stop()


def switches_start_and_stop_in_a_batch():
    """None is waited for before all are started; those that can't start are told of, and all end at once."""
    sluice = mininet()
    from mininet.net import Mininet  # pylint: disable=import-outside-toplevel
    net = Mininet(controller=None)
    switches = [net.addSwitch(f"s{i}", cls=sluice.SluiceBridge, batch="1") for i in range(1, 5)]
    hosts = [net.addHost(f"h{i}") for i in range(1, 5)]
    for i, s in enumerate(switches):
        net.addLink(hosts[i], s)
        if i:
            net.addLink(switches[i - 1], s)
    net.build()
    for s in switches:
        s.start([])
    check(all(s.process for s in switches) and all(s.batch for s in switches), "a switch was waited for")
    check(list(sluice.SluiceBridge.batchStartup(switches)) == switches, "not all switches were started")
    check(all(s.connected() for s in switches) and not any(s.batch for s in switches), "a switch is not up")
    all_reach_all(net)
    check(list(sluice.SluiceBridge.batchShutdown(switches)) == switches, "not all switches were ended")
    check(not any(s.process for s in switches), "a switch still runs")
    wrong = net.addSwitch("s9", cls=sluice.SluiceBridge, batch=True, opts="--port nosuchdevice")
    wrong.start([])
    refused(sluice.SluiceBridge.batchStartup, [wrong], "nosuchdevice")
    net.stop()
    nothing_is_left(sluice)


def left_over_switches_are_ended():
    """A Mininet that dies leaves its switches; the next one, or mn -c, ends them."""
    sluice = mininet()
    from mininet.net import Mininet  # pylint: disable=import-outside-toplevel
    net = Mininet(controller=None)
    old = net.addSwitch("s1", cls=sluice.SluiceBridge)
    old.start([])
    new = sluice.SluiceBridge("s1")
    new.start([])
    check(old.process.wait(PATIENCE) == 0, "the old switch was not ended")
    sluice.SluiceSwitch.cleanup()
    check(new.process.wait(PATIENCE) == 0, "the new switch was not ended")
    net.stop()


def patient_telnet():
    """A telnet that knows that the controller listens: by the real one Mininet reads what a controller
    says as a text, and fails if it is none."""
    os.makedirs(f"{tmp()}/bin")
    with open(f"{tmp()}/bin/telnet", "w", encoding="ascii") as f:
        f.write("#!/bin/sh\necho Connected\n")
    os.chmod(f.name, 0o755)
    os.environ["PATH"] = f"{tmp()}/bin:" + os.environ["PATH"]


def mn(*words, module=MODULE):
    """What mn does with our module: all hosts reach each other."""
    out = sh("mn", "--custom", module, *words, "--test", "pingall")
    check(" 0% dropped" in out, f"mn {' '.join(words)}:\n{out}")


# rows: BH7
def mn_with_os_ken():
    """The first command of the head of sluice.py, in all sizes."""
    mininet()
    patient_telnet()
    controller = osken_controller()
    for size in SIZES:
        mn("--switch", "sluice", "--controller", "remote,ip=127.0.0.1", "--topo", size)
    check(controller.running(), "the controller ended")


# rows: BH7
def mn_standalone():
    """The second command of the head of sluice.py, in all sizes, and the same in other words."""
    mininet()
    for size in SIZES:
        mn("--switch", "sluicebr", "--controller", "none", "--topo", size)
    mn("--switch", "sluice,failMode=standalone", "--controller", "none", "--mac")


def mn_with_the_module_as_it_is_installed():
    """Where README says that it is."""
    mininet()
    root = os.path.join(tmp(), "root")
    sh("make", "-s", "-C", top_builddir, "install-data", f"DESTDIR={root}", "prefix=/usr/local",
       env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")})
    with open(os.path.join(top_srcdir, "README"), encoding="utf-8") as f:
        path = re.search(r"mn --custom (\S+)", f.read())[1]
    mn("--switch", "sluicebr", "--controller", "none", "--topo", "single,2", module=root + path)


def mn_cleans_up_after_one_that_was_killed():
    """Its switches, their devices, sockets and hosts: "mn --custom FILE --clean", which sets up no switch."""
    sluice = mininet()
    os.environ["HOME"] = tmp()  # Where it deletes keys, too.
    words = ["mn", "--custom", MODULE, "--switch", "sluicebr", "--controller", "none", "--topo", "linear,2"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True) as killed:
        said = ""
        while "Starting CLI" not in said:
            line = killed.stderr.readline()
            check(line, f"{' '.join(words)}:\n{said}")
            said += line
        killed.kill()
    check("s2" in sh("ip", "-o", "link") and "sluiced" in sh("ps", "-eo", "comm"), "there is nothing to clean up")
    sh("mn", "--custom", MODULE, "--clean")
    nothing_is_left(sluice)
    check("mininet:" not in sh("ps", "-eo", "args"), sh("ps", "-eo", "args"))


main(single_with_os_ken, linear_with_os_ken, tree_with_os_ken, tree_with_our_controller,
     linear_of_bridges, tree_of_bridges, a_ring_with_rstp, ports_come_and_go,
     a_switch_that_cannot_start_says_why, options_are_quoted_as_in_a_shell,
     switches_start_and_stop_in_a_batch, left_over_switches_are_ended, mn_with_os_ken, mn_standalone,
     mn_with_the_module_as_it_is_installed, mn_cleans_up_after_one_that_was_killed)
