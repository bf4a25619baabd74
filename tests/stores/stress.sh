#!/usr/bin/env bash
# Kills a process while it writes into an embedded vector store, again and again, and looks whether all is there that was acknowledged.
# stress.sh [KILLS], 100 without. Ends with "N passed, N failed".
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
dotnet run -c Release --no-build --project tests/LlmLab.Benchmarks -- stores-kill --kills "${1:-100}"
