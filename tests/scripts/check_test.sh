#!/usr/bin/env bash
# scripts/check finds each kind of violation, and finds nothing in this tree.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "FAILED: $*"
  exit 1
}

scripts/check layering scripts || fail "findings in this tree (above)"

mkdir -p "$scratch"/{scripts,common,model,parser/mapping,detector}
cp scripts/check scripts/layers "$scratch/scripts/"
header=$'#pragma once\n'
for folder in common model parser detector; do printf '%s' "$header" > "$scratch/$folder/good.h"; done
printf '%s#include "common/good.h"\n#include "absl/time/time.h"\n' "$header" > "$scratch/model/uses_common.h"
"$scratch/scripts/check" layering 2> "$scratch/said" || fail "good tree refused: $(cat "$scratch/said")"

# expect_finding FILE TEXT WORDS: with FILE, which contains TEXT, the check fails and prints WORDS.
expect_finding() {
  printf '%s' "$2" > "$scratch/$1"
  if "$scratch/scripts/check" layering 2> "$scratch/said"; then fail "not found: $3"; fi
  grep -qF -- "$3" "$scratch/said" || fail "said otherwise than '$3': $(cat "$scratch/said")"
  rm "$scratch/$1"
}
expect_finding parser/bad.cc $'#include "detector/good.h"\n' 'parser/bad.cc:1: parser must not include "detector/good.h"'
expect_finding model/bad.cc $'\n#include "kafka/worker/workers.h"\n' 'model/bad.cc:2: model must not include "kafka/worker/workers.h"'
expect_finding common/bad.h "$header"'#include "model/good.h"' 'common/bad.h:2: common must not include "model/good.h"'
expect_finding parser/mapping/bad.cc $'#include "kafka/admin.h"\n' 'parser/mapping must not include "kafka/admin.h"'
expect_finding model/bad.cc $'#include "tests/support/x.h"\n' 'model must not include "tests/support/x.h"'
mkdir -p "$scratch/unknown"
expect_finding unknown/bad.cc $'\n' 'unknown/: not in scripts/layers'
expect_finding parser/bad.cc '#  include "good.h"' 'write "parser/good.h"'
expect_finding detector/bad.h $'// nothing\n' "a header begins with '#pragma once'"
expect_finding detector/lonely.cc $'\n' 'detector/lonely.cc: no header detector/lonely.h declares what it defines'
expect_finding detector/bad.cc $'absl::Mutex mu;\n' 'use common/mutex.h'
for i in $(seq 1 41); do printf '%s' "$header" > "$scratch/common/file_$i.h"; done
if "$scratch/scripts/check" layering 2> "$scratch/said"; then fail "42 files in one folder were not found"; fi
grep -qF 'common/: 42 source files, more than 40' "$scratch/said" || fail "said otherwise: $(cat "$scratch/said")"
rm "$scratch"/common/file_*.h
printf 'json : model\nmodel :\n' > "$scratch/scripts/layers"
if "$scratch/scripts/check" layering 2> "$scratch/said"; then fail "a table that is not in order was not found"; fi
grep -qF 'json names model, which is not above it' "$scratch/said" || fail "said otherwise: $(cat "$scratch/said")"
echo "ok"
