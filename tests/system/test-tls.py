#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Controllers and switches whose keys are not in order: they stay apart, and the log tells why."""
import os
import re
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Process, Switch, check, main, make_keys, program, quiet_veth, sh, tmp,
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
"""
PAST = ("20200101000000Z", "20200201000000Z")
FUTURE = ("20990101000000Z", "20991231000000Z")
NOW = ("20200101000000Z", "20991231000000Z")


def sign(name, authority, purpose, times):
    """NAME-privkey.pem and NAME-cert.pem, signed by an authority of the site."""
    t, ca = tmp(), f"{tmp()}/pki/{authority}"
    with open(f"{t}/ca.conf", "w") as f:
        f.write(CA_CONFIG.format(t=t, purpose=purpose))
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


main(a_controller_in_order_is_accepted, a_controller_of_another_authority_is_refused,
     an_expired_controller_is_refused, a_controller_of_the_future_is_refused,
     a_certificate_for_another_purpose_is_refused, a_controller_without_tls_is_refused,
     controllers_refuse_switches_that_are_not_in_order)
