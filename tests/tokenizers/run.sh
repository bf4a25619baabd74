#!/usr/bin/env bash
# Vocabularies written here, read by other programs: tokenizer.json by npm @huggingface/transformers, .tiktoken by npm tiktoken.
# Identical ids on 1,000 texts each, or the differing texts are shown. Ends with "N passed, N failed".
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! command -v npm >/dev/null; then echo "npm is not on this machine: the peers cannot be installed"; echo "0 passed, 1 failed"; exit 1; fi
if ! (cd "$work" && echo '{"private":true}' >package.json && ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install --no-audit --no-fund --silent @huggingface/transformers@4.3.1 tiktoken@1.0.22); then
  echo "npm could not install @huggingface/transformers and tiktoken"; echo "0 passed, 1 failed"; exit 1
fi
cp "$root"/tests/tokenizers/*.mjs "$work"
cd "$root" || exit 1
llmlab() { dotnet run -c Release --no-build --project src/LlmLab.Cli -- "$@"; }
node "$work/texts.mjs" "$root" "$work" || exit 1

make() { # make NAME ARGUMENTS…: train, and encode the texts
  local name=$1; shift
  llmlab tokenizer train --input "$work/train.txt" --output "$work/$name" "$@" >"$work/log" 2>&1 &&
    llmlab tokenizer encode "$work/$name" --jsonl "$work/texts.jsonl" >"$work/$name.ids" 2>>"$work/log" || { cat "$work/log"; return 1; }
}
make bpe-cl100k --size 2000 --phrase "public sealed" --special "<|tool|>"
make bpe-gpt2 --size 2000 --pattern gpt2
make bpe-o200k --size 2000 --pattern o200k
make wordpiece --kind wordpiece --size 2000
make unigram --kind unigram --size 2000
make word --kind word --size 2000
make character --kind character
make bpe-plain --size 2000
for name in bpe-plain bpe-o200k; do llmlab tokenizer convert "$work/$name" "$work/$name.tiktoken" >/dev/null; done
for published in cl100k o200k; do
  llmlab tokenizer convert $published "$work/$published.tiktoken" >/dev/null
  llmlab tokenizer convert $published "$work/$published/tokenizer.json" >/dev/null
  llmlab tokenizer encode $published --jsonl "$work/texts.jsonl" >"$work/$published.ids"
done
cd "$work" && node compare.mjs "$work"
