# SPDX-License-Identifier: Apache-2.0
# The documents.

dist_doc_DATA += doc/architecture.md
dist_doc_DATA += doc/bench-smoke.json doc/benchmarks.md
dist_doc_DATA += doc/conformance.md
dist_doc_DATA += doc/scenarios.md
dist_doc_DATA += doc/tutorial.md
