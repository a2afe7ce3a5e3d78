#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command and every option of sluice-ofctl stands in its manual.
top_srcdir=${top_srcdir:-.}
top_builddir=${top_builddir:-.}
manual=$(sed 's/\\-/-/g; s/\\f.//g' "$top_srcdir/utilities/sluice-ofctl.8")
help=$("$top_builddir/utilities/sluice-ofctl" --help) || exit 1
status=0
for word in $(printf '%s\n' "$help" | grep -oE '^  ([a-z][a-z-]+ |.*--[a-z-]+)' |
              grep -oE '(--)?[a-z][a-z-]+'); do
    if ! printf '%s\n' "$manual" | grep -qE -- "(^|[ ,])$word([ ,=\\[]|\$)"; then
        echo "not in the manual: $word"
        status=1
    fi
done
exit $status
