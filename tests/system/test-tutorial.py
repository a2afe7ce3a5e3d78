#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Does what doc/tutorial.md says and compares what comes with what the tutorial shows; and what README says.

The rules that the tutorial follows:

- A block ```console holds commands, each after "# ", and below it what it prints. A line that ends
  with a backslash goes on in the next one.
- Any other block with a second word in its first line, as ```python hub.py, is a file of that name.
- A line "..." stands for any lines, and "..." within a line for anything.
- A command that shows nothing prints nothing.
- A command succeeds, unless it shows an error (see ERROR): then it fails.
- A command that only looks is given again, and those just before it that only look too, for two
  minutes at most, until it prints what is shown.
- Blanks at the ends of lines don't count, nor do blank lines. What differs from run to run, see
  CHANGING, may differ.
- <!-- needs COMMAND --> below a heading: without that command the part is left out.

All commands run in one shell, in a sandbox, in the order of the document.
"""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import PATIENCE, Failure, check, main, need, sh, tmp, top_builddir, top_srcdir, wait_until

TUTORIAL = os.path.join(top_srcdir, "doc", "tutorial.md")
DONE = "--- this command has ended with status "

# What may be given twice: it changes nothing.
LOOKS = re.compile(r"(cat|grep|tail|sluicectl|ip netns exec h\d (ping|grep))\b|"
                   r"sluice-ofctl (--?\S+ )*(show|dump|get|queue)")

# What a command shows that fails: what one of our programs says, or that ping hears nothing.
ERROR = re.compile(r"sluice[a-z-]*: |.*100% packet loss")

# Each row: what differs from run to run, what both sides have instead. Addresses that begin with
# 02:00:00 are the tutorial's own and are compared.
CHANGING = (
    (r"\b(?!02:00:00:)[0-9a-f]{2}(:[0-9a-f]{2}){5}\b", "ADDRESS"),
    (r"\bxid=0x[0-9a-f]+", "xid=XID"),
    (r"\bduration=[0-9.]+s", "duration=TIME"),
    (r"\b(n_packets|n_bytes|pkts|bytes|lookup|matched)=[1-9][0-9]*", r"\1=SOME"),
    (r"^( +[a-z ]+: )[1-9][0-9]*$", r"\1SOME"),
    (r"\b(idle_|hard_|)age=\d+", r"\1age=TIME"),
    (r"\b(dpid:|datapath id |switch )[0-9a-f]{16}\b", r"\1ID"),
    (r"\bicmp_csum:[0-9a-f]+", "icmp_csum:SUM"),
    (r"\bbuffer=0x[0-9a-f]+", "buffer=ID"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "DATE"),
    (r"127\.0\.0\.1:[1-9]\d{4}\b", "127.0.0.1:PORT"),
    (r"(time|=) ?[0-9./]+ ?ms\b", "TIME"),
)


def parts_of(text):
    """Yields the heading of each part, what it needs, and its blocks: (kind, name, lines)."""
    for part in re.split(r"^## ", text, flags=re.M):
        needs = re.search(r"<!-- needs (\S+) -->", part)
        blocks = [(kind, name, body.splitlines())
                  for kind, name, body in re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", part, re.M | re.S)]
        yield part.splitlines()[0], needs and needs.group(1), blocks


def commands_of(lines):
    """Yields each command with the lines that it is to print."""
    command, shown = None, []
    for line in lines:
        if command and not shown and command.endswith("\\"):
            command += "\n" + line
        elif line.startswith("# "):
            if command:
                yield command, shown
            command, shown = line[2:], []
        else:
            check(command, f"output without a command: {line}")
            shown.append(line)
    if command:
        yield command, shown


def normal(line):
    """A line without what differs from run to run."""
    for pattern, instead in CHANGING:
        line = re.sub(pattern, instead, line)
    return line.rstrip()


def agrees(shown, came):
    """Whether the lines that came are those shown."""
    pattern = ""
    for line in shown:
        if line.strip() == "...":
            pattern += r"(.*\n)*?"
        elif line.strip():
            pattern += ".*?".join(re.escape(p) for p in normal(line).split("...")) + r"\n"
    came = "".join(normal(line) + "\n" for line in came if line.strip())
    return re.fullmatch(pattern, came) is not None


class Shell:
    """One bash that all commands are given to."""

    def __init__(self):
        self.directory = os.path.join(tmp(), "tutorial")
        self.log = os.path.join(tmp(), "output")
        os.mkdir(self.directory)
        path = os.path.join(top_builddir, "utilities") + ":" + os.environ["PATH"]
        with open(self.log, "ab") as log:
            self.bash = subprocess.Popen(
                ["bash", "--norc"], cwd=self.directory, text=True, stdin=subprocess.PIPE, stdout=log,
                stderr=log, env={**os.environ, "PATH": path})

    def run(self, command):
        """Runs a command, which has to end; returns its status and the lines that it has printed."""
        script = os.path.join(tmp(), "command")
        with open(script, "w", encoding="utf-8") as file:
            file.write(command + "\n")
        begin = os.path.getsize(self.log)
        self.bash.stdin.write(f". {script} </dev/null\n"
                              f"status=$?; echo; echo '{DONE}'$status\n")
        self.bash.stdin.flush()

        def done():
            with open(self.log, encoding="utf-8", errors="replace") as file:
                file.seek(begin)
                return re.fullmatch(rf"(.*)^{DONE}(\d+)\n.*", file.read(), re.M | re.S)
        wait_until(lambda: done() or self.bash.poll() is not None, f"the end of: {command}")
        check(done(), f"the shell has ended in: {command}")
        return int(done()[2]), done()[1].splitlines()


def try_command(shell, command, shown, looks):
    """Gives one command, and again after 'looks' if that may help; fails if what it prints is not
    what is shown."""
    end = time.monotonic() + PATIENCE
    fails = any(ERROR.match(line) for line in shown)
    while True:
        status, came = shell.run(command)
        if agrees(shown, came) and (status != 0) == fails:
            return
        if time.monotonic() > end or not LOOKS.match(command):
            raise Failure("\n".join([f"# {command}", "--- is to print:", *shown,
                                     f"--- but came (status {status}):", *came]))
        time.sleep(0.1)
        for look in looks:
            shell.run(look)


def try_block(shell, lines):
    """Gives the commands of a block; returns how many there are."""
    looks, count = [], 0
    for command, shown in commands_of(lines):
        try_command(shell, command, shown, looks)
        looks = looks + [command] if LOOKS.match(command) else []
        count += 1
    return count


def the_tutorial_does_what_it_says():
    need("ip", "ping", "bash", "openssl")
    with open(TUTORIAL, encoding="utf-8") as file:
        text = file.read()
    shell = Shell()
    commands = 0
    for heading, needs, blocks in parts_of(text):
        if needs and not shutil.which(needs):
            print(f"     left out, {needs} is not installed: {heading}")
            continue
        for kind, name, lines in blocks:
            if name:
                with open(os.path.join(shell.directory, name), "w", encoding="utf-8") as file:
                    file.write("\n".join(lines) + "\n")
            elif kind == "console":
                commands += try_block(shell, lines)
    shell.run("kill $(cat *.pid) 2>/dev/null")
    check(commands > 20, f"only {commands} commands were found")
    print(f"     {commands} commands")


def commands_of_readme():
    """Those of its first network, one a line, from the first to how it is taken away; without Mininet's, which
    test-mininet.py gives."""
    with open(os.path.join(top_srcdir, "README"), encoding="utf-8") as file:
        text = file.read()
    text = text[text.index("\nA first network"):text.index("\nWhere things are")]
    return [c for c in re.findall(r"^    (\S(?:.|\\\n)*[^\\\n])$", text, re.M) if not c.startswith("mn ")]


def the_first_network_of_readme_works():
    """Each command succeeds; by a controller, and after changes, hosts still reach each other; in the end nothing
    is left."""
    need("ip", "ping", "bash")
    shell = Shell()
    commands = commands_of_readme()
    ping = next(c for c in commands if " ping " in c)
    check(len(commands) > 25, f"only {len(commands)} commands were found")
    for command in commands:
        status, came = shell.run(command)
        check(status == 0, "\n".join([f"{command}: status {status}", *came]))
        if " ping " in command:
            check(any(" 0% packet loss" in line for line in came), "\n".join(came))
        if "--controller" in command or command.startswith(("sluicectl port add", "sluicectl set")):
            wait_until(lambda: shell.run(ping)[0] == 0, f"{ping} after {command}")
    wait_until(lambda: not re.search("^[^Z]+ sluice", sh("ps", "-eo", "stat,comm"), re.M), "the end of the programs")
    check(sh("ip", "netns") == "", sh("ip", "netns"))
    wait_until(lambda: " p1" not in sh("ip", "-o", "link"), "the end of the devices")
    print(f"     {len(commands)} commands")


main(the_tutorial_does_what_it_says, the_first_network_of_readme_works)
