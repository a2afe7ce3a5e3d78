#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Controllers and switches whose keys are not in order: they stay apart, and the log tells why."""
import os
import re
import socket
import ssl
import struct
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import (PATIENCE, Process, Switch, check, main, make_keys, program, quiet_veth, sh, tmp,
                        wait_until)

CA_CONFIG = """
[ca]
default_ca = c
[c]
database = {t}/index
new_certs_dir = {t}
serial = {t}/serial
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
organizationName = optional
[x]
basicConstraints = critical,CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = {purpose}
{more}
"""
PAST = ("20200101000000Z", "20200201000000Z")
FUTURE = ("20990101000000Z", "20991231000000Z")
NOW = ("20200101000000Z", "20991231000000Z")


def sign(name, authority, purpose, times, more=""):
    """NAME-privkey.pem and NAME-cert.pem, signed by an authority of the site, with more extensions."""
    t, ca = tmp(), f"{tmp()}/pki/{authority}"
    with open(f"{t}/ca.conf", "w") as f:
        f.write(CA_CONFIG.format(t=t, purpose=purpose, more=more))
    for path, text in (("index", ""), ("serial", "1000")):
        with open(f"{t}/{path}", "w") as f:
            f.write(text)
    sh("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
       "-subj", f"/O=Sluice/CN={name}", "-keyout", f"{t}/{name}-privkey.pem", "-out", f"{t}/{name}.csr")
    sh("openssl", "ca", "-batch", "-notext", "-config", f"{t}/ca.conf", "-extensions", "x",
       "-in", f"{t}/{name}.csr", "-cert", f"{ca}/cacert.pem", "-keyfile", f"{ca}/private/cakey.pem",
       "-startdate", times[0], "-enddate", times[1], "-out", f"{t}/{name}-cert.pem")


class Server:
    """Accepts TLS connections with a certificate, and wants one; or plain TCP if there is none."""

    def __init__(self, name):
        self.context = None
        if name:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(f"{tmp()}/{name}-cert.pem", f"{tmp()}/{name}-privkey.pem")
            self.context.load_verify_locations(f"{tmp()}/pki/switchca/cacert.pem")
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"tls:127.0.0.1:{self.listener.getsockname()[1]}"
        self.accepted = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            sock, _peer = self.listener.accept()
            try:
                if self.context:
                    sock = self.context.wrap_socket(sock, server_side=True)
                    sock.recv(1)
                    self.accepted += 1
                else:
                    sock.sendall(b"\x01\x00\x00\x08\x00\x00\x00\x01")
                    sock.recv(1000)
            except OSError:
                pass
            finally:
                sock.close()


def refuse(server, reason):
    """The switch stays away from the server, and says why."""
    quiet_veth("p1", "e1")
    switch = Switch("--controller", server.target, "--private-key", f"{tmp()}/sw-privkey.pem",
                    "--certificate", f"{tmp()}/sw-cert.pem",
                    "--ca-cert", f"{tmp()}/pki/controllerca/cacert.pem", ports=["p1"])
    wait_until(lambda: re.search(reason, switch.output()), f"'{reason}' in the log")
    check("connected" not in switch.output().replace("disconnected", ""), "the switch has connected")
    check(server.accepted == 0, "the controller was accepted")
    print("     " + next(line for line in switch.output().splitlines() if re.search(reason, line)))


# rows: A1.20
def a_controller_in_order_is_accepted():
    make_keys()
    sign("good", "controllerca", "serverAuth", NOW)
    server = Server("good")
    quiet_veth("p1", "e1")
    Switch("--controller", server.target, "--private-key", f"{tmp()}/sw-privkey.pem",
           "--certificate", f"{tmp()}/sw-cert.pem",
           "--ca-cert", f"{tmp()}/pki/controllerca/cacert.pem", ports=["p1"])
    wait_until(lambda: server.accepted, "the switch")


# rows: A1.20
def a_controller_of_another_authority_is_refused():
    make_keys()
    sign("other", "switchca", "serverAuth", NOW)
    refuse(Server("other"), "wrong CA: ")


# rows: A1.20
def an_expired_controller_is_refused():
    make_keys()
    sign("expired", "controllerca", "serverAuth", PAST)
    refuse(Server("expired"), "expired: ")


def a_controller_of_the_future_is_refused():
    make_keys()
    sign("future", "controllerca", "serverAuth", FUTURE)
    refuse(Server("future"), "not yet valid: ")


# rows: A1.20
def a_certificate_for_another_purpose_is_refused():
    make_keys()
    sign("client", "controllerca", "clientAuth", NOW)
    refuse(Server("client"), "wrong purpose: ")


# rows: A1.20
def a_controller_without_tls_is_refused():
    make_keys()
    refuse(Server(None), "does not speak TLS")


# rows: A1.20
def controllers_refuse_switches_that_are_not_in_order():
    make_keys()
    quiet_veth("p1", "e1")
    sign("expired", "switchca", "clientAuth", PAST)
    sign("foreign", "controllerca", "clientAuth", NOW)
    t = tmp()
    controller = Process(program("sluice-controller"), "ptls:6653:127.0.0.1",
                         "--private-key", f"{t}/ctl-privkey.pem", "--certificate", f"{t}/ctl-cert.pem",
                         "--ca-cert", f"{t}/pki/switchca/cacert.pem")
    for name, reason in (("expired", "expired: "), ("foreign", "wrong CA: ")):
        switch = Switch("--controller", "tls:127.0.0.1:6653", "--private-key", f"{t}/{name}-privkey.pem",
                        "--certificate", f"{t}/{name}-cert.pem",
                        "--ca-cert", f"{t}/pki/controllerca/cacert.pem", ports=["p1"])
        wait_until(lambda: re.search(reason, controller.output()), f"'{reason}' in the controller's log")
        check(": connected" not in switch.output(), "the controller has accepted the switch")
        switch.stop()


def tls_switch(*options):
    """A switch with keys and its own idea of who may be at the other end."""
    t = tmp()
    return Switch("--private-key", f"{t}/sw-privkey.pem", "--certificate", f"{t}/sw-cert.pem",
                  "--ca-cert", f"{t}/pki/controllerca/cacert.pem", "--max-backoff", 1, "--port", "m1,type=memory",
                  *options)


def dialled_by_switch(name, listener):
    """The TLS socket by which a switch came to the controller with the certificate NAME."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{tmp()}/{name}-cert.pem", f"{tmp()}/{name}-privkey.pem")
    context.load_verify_locations(f"{tmp()}/pki/switchca/cacert.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    listener.settimeout(PATIENCE)
    sock = context.wrap_socket(listener.accept()[0], server_side=True)
    sock.settimeout(PATIENCE)
    return sock


def read_to_end(sock):
    """All that comes until the other end closes."""
    data = b""
    while True:
        more = sock.recv(4096)
        if not more:
            return data
        data += more


# rows: A10.2
def a_controller_with_another_name_is_told_so():
    """The right authority has signed both; the switch was told with peer= which of them it wants."""
    make_keys()
    for name in ("red", "blue"):
        sign(name, "controllerca", "serverAuth", NOW)
    listener = socket.create_server(("127.0.0.1", 0))
    target = f"tls:127.0.0.1:{listener.getsockname()[1]}"
    switch = tls_switch("--controller", f"{target},peer=red,ports=1")
    sock = dialled_by_switch("blue", listener)
    sock.sendall(openflow.message(openflow.HELLO, xid=0x1234))
    data = read_to_end(sock)
    text = b"the certificate of O=Sluice,CN=blue is not that of red"
    wanted = (openflow.message(openflow.HELLO, xid=1)
              + openflow.message(openflow.ERROR, struct.pack("!HH", 0, 1) + text, 0x1234))
    check(data == wanted, f"{data} instead of {wanted}")
    switch.says(f"{target}: connection attempt failed ({text.decode()})")
    check(": connected" not in switch.output(), "the switch has connected")
    peer = openflow.Peer(dialled_by_switch("red", listener))
    switch.says(f"{target}: connected")
    peer.send(openflow.flow_mod(openflow.ADD, openflow.match(), output=1))
    errors = [body for kind, _xid, body in peer.barrier() if kind == openflow.ERROR]
    check([struct.unpack_from("!HH", body) for body in errors] == [(3, 2)], str(errors))


# rows: A10.2
def a_name_may_be_one_of_several():
    """The common name, or an alternative name for DNS; but no pattern."""
    make_keys()
    sign("red", "controllerca", "serverAuth", NOW,
         "subjectAltName = DNS:ctl.example.com,DNS:*.red.example.com")
    listener = socket.create_server(("127.0.0.1", 0))
    target = f"tls:127.0.0.1:{listener.getsockname()[1]}"
    for name, is_good in (("red", True), ("ctl.example.com", True), ("a.red.example.com", False)):
        switch = tls_switch("--controller", f"{target},peer={name}")
        sock = dialled_by_switch("red", listener)
        sock.sendall(openflow.message(openflow.HELLO))
        switch.says(": connected" if is_good else f"is not that of {name}")
        check(is_good == (": connected" in switch.output()), switch.output())
        switch.stop()
        sock.close()


# rows: A10.2
def who_comes_in_must_have_the_name():
    """A listener with peer=: a tool with the wrong certificate is told why, and the log tells it too."""
    make_keys()
    for name in ("admin", "guest"):
        sign(name, "controllerca", "clientAuth", NOW)
    switch = tls_switch("--listen", "ptls:6654,peer=admin")

    def ofctl(name, *words, ok=True):
        return sh(program("sluice-ofctl"), "--private-key", f"{tmp()}/{name}-privkey.pem", "--certificate",
                  f"{tmp()}/{name}-cert.pem", "--ca-cert", f"{tmp()}/pki/switchca/cacert.pem",
                  words[0], "tls:127.0.0.1:6654", *words[1:], ok=ok)
    ofctl("admin", "add-flow", "in_port=1,actions=drop")
    piped = (f"{program('sluice-ofctl')} -p <(cat {tmp()}/admin-privkey.pem) -c <(cat {tmp()}/admin-cert.pem) "
             f"--ca-cert {tmp()}/pki/switchca/cacert.pem dump-flows tls:127.0.0.1:6654")
    check("in_port=1 actions=drop" in sh("bash", "-c", piped), "keys can't come through pipes")
    out = ofctl("guest", "del-flows", ok=False)
    check("type 0 code 1: the certificate of O=Sluice,CN=guest is not that of admin" in out, out)
    switch.says("the certificate of O=Sluice,CN=guest is not that of admin")
    check("in_port=1 actions=drop" in ofctl("admin", "dump-flows"), "the flow is gone")


main(a_controller_in_order_is_accepted, a_controller_of_another_authority_is_refused,
     an_expired_controller_is_refused, a_controller_of_the_future_is_refused,
     a_certificate_for_another_purpose_is_refused, a_controller_without_tls_is_refused,
     controllers_refuse_switches_that_are_not_in_order, a_controller_with_another_name_is_told_so,
     a_name_may_be_one_of_several, who_comes_in_must_have_the_name)
