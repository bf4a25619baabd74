#!/usr/bin/env bash
# Checks of the kernel and the notebooks with real Jupyter clients. Needs a build (dotnet build -c Release), Debian's packages
# jupyter-nbconvert, python3-nbclient, python3-jupyter-kernel-test, jupyter-notebook and chromium, and node with npm's zeromq and
# playwright-core (fetched into a temporary folder where NODE_PATH has none). Everything it writes goes to a temporary folder.
# The last line is "N passed, N failed".
#   run.sh [kernel] [wire] [notebooks] [browser]     all if none is named; PICTURE=file keeps the browser's picture
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
cli=$root/src/LlmLab.Cli/bin/Release/net10.0/LlmLab.Cli.dll
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

need() { # need WHAT HOW COMMAND…
  local what=$1 how=$2; shift 2
  "$@" >/dev/null 2>&1 || { echo "tests/jupyter: $what is missing: $how"; echo "0 passed, 1 failed"; exit 1; }
}
need "the built program" "dotnet build -c Release" test -f "$cli"
need "Jupyter for Python" "apt-get install jupyter-nbconvert python3-nbclient python3-jupyter-kernel-test" \
  "$python" -c "import nbconvert, nbclient, jupyter_kernel_test"
need "node" "apt-get install nodejs npm" node --version

export JUPYTER_DATA_DIR=$temporary/data JUPYTER_CONFIG_DIR=$temporary/config JUPYTER_RUNTIME_DIR=$temporary/runtime IPYTHONDIR=$temporary/ipython
export JUPYTER_PATH= LLMLAB_SCALE=smoke LLMLAB_WORKSPACE=$temporary/runs PYTHONDONTWRITEBYTECODE=1
dotnet "$cli" kernel install --user || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0
suite() { # suite COMMAND…: adds the counts of its last "N passed, N failed" line
  local line
  "$@" 2>&1 | tee "$temporary/suite"
  line=$(grep -oE '^[0-9]+ passed, [0-9]+ failed' "$temporary/suite" | tail -n 1)
  passed=$((passed + $(cut -d' ' -f1 <<<"${line:-0 passed, 1 failed}")))
  failed=$((failed + $(cut -d' ' -f3 <<<"${line:-0 passed, 1 failed}")))
}

npm_package() { # npm_package NAME VERSION: where NODE_PATH lacks it, fetches it into the temporary folder
  node -e "require('$1')" 2>/dev/null && return 0
  npm install --silent --no-audit --no-fund --prefix "$temporary/node" "$1@$2" >"$temporary/npm" 2>&1 || { cat "$temporary/npm"; return 1; }
  export NODE_PATH=$temporary/node/node_modules
}

wire() {
  npm_package zeromq 6.8.0 && node "$here/wire_test.js" "$JUPYTER_DATA_DIR/kernels/llmlab/kernel.json"
}

browser() {
  need "chromium" "apt-get install chromium jupyter-notebook" test -x /usr/bin/chromium
  npm_package playwright-core 1.65.1 && node "$here/screenshot.js" "$root" "$root/notebooks/05-training.ipynb" "${PICTURE:-$temporary/picture.png}"
}

for part in "${@:-kernel wire notebooks browser}"; do
  for name in $part; do
    case $name in
      kernel) suite "$python" "$here/kernel_test.py" ;;
      wire) suite wire ;;
      notebooks) suite "$python" "$here/notebooks_test.py" "$root/notebooks" "$temporary/executed" ;;
      browser) suite browser ;;
      *) echo "unknown part \"$name\": kernel, wire, notebooks or browser"; failed=$((failed + 1)) ;;
    esac
  done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
