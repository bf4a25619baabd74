#!/usr/bin/env bash
# Vector stores against what is real: the conformance suite on PostgreSQL with pgvector (from npm), and five kills of a process that
# writes into the embedded store (stress.sh does a hundred). Ends with "N passed, N failed".
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0
if ! command -v npm >/dev/null; then echo "npm is not on this machine: PGlite cannot be installed"; echo "0 passed, 1 failed"; exit 1; fi
cp "$root/tests/stores/postgres.mjs" "$work"
if ! (cd "$work" && echo '{"private":true,"type":"module"}' >package.json &&
  npm install --no-audit --no-fund --silent @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 @electric-sql/pglite-pgvector@0.0.15); then
  echo "npm could not install PGlite"; echo "0 passed, 1 failed"; exit 1
fi
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
(cd "$work" && exec node postgres.mjs "$port") >"$work/log" 2>&1 &
server=$!
for _ in $(seq 600); do grep -q ready "$work/log" && break; kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
grep -q ready "$work/log" || { cat "$work/log"; echo "0 passed, 1 failed"; exit 1; }

export LLMLAB_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Database=postgres;SSL Mode=Disable;Maximum Pool Size=1"
dotnet run -c Release --no-build --project "$root/tests/LlmLab.Tests" -- -class "*.PostgresStoreTests" -noColor >"$work/tests" 2>&1
code=$?
total=$(grep -oE 'Total: [0-9]+' "$work/tests" | grep -oE '[0-9]+' | tail -n 1)
bad=$(grep -oE 'Failed: [0-9]+' "$work/tests" | grep -oE '[0-9]+' | tail -n 1)
skipped=$(grep -oE 'Skipped: [0-9]+' "$work/tests" | grep -oE '[0-9]+' | tail -n 1)
if [ -z "$total" ] || [ "$total" = 0 ] || [ $code -ne 0 ] || [ "${skipped:-0}" != 0 ]; then cat "$work/tests"; fi
if [ -z "$total" ] || [ "$total" = 0 ]; then failed=1; else
  failed=$((bad + skipped)) passed=$((total - failed)) # with a server at hand nothing may be skipped
fi
echo "pgvector: $passed passed, $failed failed"

bash "$root/tests/stores/stress.sh" 5 | tee "$work/stress"
line=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$work/stress" | tail -n 1)
if [ -n "$line" ]; then passed=$((passed + ${line%% *})) failed=$((failed + $(cut -d' ' -f3 <<<"$line"))); else failed=$((failed + 1)); fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
