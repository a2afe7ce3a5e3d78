import sys,os
sys.argv[0]='/tmp/wt/inband/tests/system/dbg-in-band.py'
src=open('/tmp/wt/inband/tests/system/test-in-band.py').read()
src=src[:src.index('\n\nmain(')]
exec(src)
import time, subprocess
def x():
    host = Host("ctl")
    veth_port(host, "p1")
    cap=host.start("tcpdump","-n","-l","-e","-i","eth0","ip6")
    cap.says("listening")
    controller = controller6_at(host)
    s = switch6("2001:db8::1/64")
    s.says(": connected")
    time.sleep(1)
    check(False,s.output()+cap.output())
main(x)
