#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of sluicetest.py: what a program whose cases are skipped or unknown says, and that bootstrap tells
of it."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BOOTSTRAP = os.path.join(HERE, "../../bootstrap")
PROGRAM = f"""
import sys
sys.path.insert(0, {HERE!r})
from sluicetest import Failure, Skip, main

def works():
    pass

def is_not_for_this_machine():
    raise Skip("it has no\\nwings")

def fails():
    raise Failure("no")

main(works, is_not_for_this_machine, *([fails] if "fails" in sys.argv else []))
"""


class Cases(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.program = self.write("test-it", PROGRAM)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_cases(self, *words):
        """Runs the program; returns its status and what it printed."""
        done = subprocess.run(["/usr/bin/python3", self.program, *words], stdout=subprocess.PIPE,
                              text=True, check=False)
        if done.stdout.startswith("namespaces can't be made"):
            self.skipTest(done.stdout)
        return done.returncode, done.stdout

    def test_a_skipped_case_is_told(self):
        status, text = self.run_cases()
        self.assertEqual(status, 0)
        self.assertRegex(text, r"(?m)^works\n  -> ok")
        self.assertIn("\nskipped case: is_not_for_this_machine: it has no wings\n  -> skipped", text)

    def test_all_skipped_is_skipped_and_one_failure_a_failure(self):
        self.assertEqual(self.run_cases("is_not_for_this_machine")[0], 77)
        self.assertEqual(self.run_cases("works", "fails")[0], 1)

    def test_an_unknown_case_is_refused(self):
        status, text = self.run_cases("works", "wroks")
        self.assertEqual(status, 2)
        self.assertEqual(text, "no such case: wroks; there are:\n  works\n  is_not_for_this_machine\n")

    def told_by_bootstrap(self, word, log):
        """What bootstrap says of a test with this result and log."""
        self.write("test-it.trs", f":test-result: {word}\n:global-test-result: {word}\n")
        self.write("test-it.log", log)
        with open(BOOTSTRAP, encoding="utf-8") as file:
            function = re.search(r"^show_skipped\(\) {\n.*?^}\n", file.read(), re.M | re.S)[0]
        return subprocess.run(["bash", "-euc", function + 'show_skipped "$1"', "bash", self.folder.name],
                              stdout=subprocess.PIPE, text=True, check=True).stdout

    def test_bootstrap_tells_of_skipped_cases(self):
        log = self.run_cases()[1] + "[  SKIPPED ] in_c\n[  SKIPPED ] 1 test(s)\n[  SKIPPED ] in_c\n"
        self.assertEqual(self.told_by_bootstrap("PASS", log + "PASS test-it (exit status: 0)\n"),
                         "skipped case: test-it.log: in_c\n"
                         "skipped case: test-it.log: is_not_for_this_machine: it has no wings\n")
        self.assertEqual(self.told_by_bootstrap("FAIL", log), "")

    def test_bootstrap_tells_of_skipped_programs(self):
        self.assertEqual(self.told_by_bootstrap("SKIP", "no X\nSKIP test-it (exit status: 77)\n"),
                         "skipped: test-it.log: no X\n")
        log = self.run_cases("is_not_for_this_machine")[1] + "SKIP test-it (exit status: 77)\n"
        self.assertEqual(self.told_by_bootstrap("SKIP", log), "skipped: test-it.log: "
                         "skipped case: is_not_for_this_machine: it has no wings\n")


if __name__ == "__main__":
    sys.exit(unittest.main())
