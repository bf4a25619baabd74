#!/usr/bin/env bash
# Kills `llmlab train` with SIGKILL at random moments, again and again, and resumes it: no kill may leave a run that cannot be resumed,
# and a run that was killed many times must end with the numbers of one that never was. Some minutes; CI runs the short version in
# LlmLab.Cli.Tests (TrainCommandTests).
#   bash tests/training/stress.sh [KILLS=50] [SEED=1]
set -u -o pipefail
kills=${1:-50} RANDOM=${2:-1}
repository=$(cd "$(dirname "$0")/../.." && pwd)
llmlab=${LLMLAB_PROGRAM:-$repository/src/LlmLab.Cli/bin/Release/net10.0/LlmLab.Cli.dll}
[ -f "$llmlab" ] || { echo "build first: dotnet build -c Release"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export LLMLAB_WORKSPACE=$folder/runs
for i in $(seq 600); do echo "The ${i}th line says that $i and $i are $((2 * i))."; done >"$folder/text.txt"
# Muon, an average, early stopping that never comes true: all that a checkpoint can hold. A checkpoint at every second step.
recipe=(train --preset shakespeare-char-fast --text "$folder/text.txt" --steps 1200 --save-every 2 --precision float32 --kernels libTorch --threads 1
  --set spec.width=32 --set spec.layerCount=2 --set options.weightAverageDecay=0.99 --set options.patience=1000 --set options.evaluateEvery=50 --set options.keepCheckpoints=2)
numbers() { python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(r["steps"], r["trainLoss"], r["validationLoss"], r["averageValidationLoss"], r["bestValidationLoss"], r["bestStep"])' "$1/result.json"; }

LLMLAB_WORKSPACE=$folder/whole dotnet "$llmlab" "${recipe[@]}" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
expected=$(numbers "$folder"/whole/*-001)
echo "never killed: $expected"

done=0 early=0 finished=0 failed=0 run=
finish() { # compares the numbers of a run that has come to its end
  local actual; actual=$(numbers "$run")
  if [ "$actual" = "$expected" ]; then finished=$((finished + 1)); else failed=$((failed + 1)); echo "FAILED: $run ended with $actual"; fi
  run=
}
while [ $done -lt "$kills" ]; do
  if [ -z "$run" ]; then arguments=("${recipe[@]}"); else arguments=(train --resume "$run"); fi
  dotnet "$llmlab" "${arguments[@]}" >"$folder/log" 2>&1 &
  process=$!
  # Half of the kills come while the program starts or shortly after, the others anywhere in 6 seconds.
  if [ $((RANDOM % 2)) = 0 ]; then wait_for=$((RANDOM % 2000)); else wait_for=$((RANDOM % 6000)); fi
  sleep "$((wait_for / 1000)).$(printf %03d $((wait_for % 1000)))"
  if kill -9 $process 2>/dev/null; then
    wait $process 2>/dev/null
    done=$((done + 1))
  else
    wait $process && code=0 || code=$?
    if [ $code -ne 0 ]; then failed=$((failed + 1)); echo "FAILED: resuming after $done kills:"; cat "$folder/log"; run=; continue; fi
  fi
  newest=$(ls -d "$LLMLAB_WORKSPACE"/train-* 2>/dev/null | tail -n 1)
  if [ -z "$newest" ] || [ ! -f "$newest/run.json" ]; then early=$((early + 1)); run=; continue; fi   # killed before the run began
  run=$newest
  [ -f "$run/result.json" ] && grep -q '"steps": 1200' "$run/result.json" && finish
done
if [ -n "$run" ]; then
  if dotnet "$llmlab" train --resume "$run" >"$folder/log" 2>&1; then finish; else failed=$((failed + 1)); echo "FAILED: the last resume:"; cat "$folder/log"; fi
fi
echo "$done kills ($early before a run had begun), $finished runs came to their end with the same numbers"
echo "$((done + finished)) passed, $failed failed"
[ $failed = 0 ]
