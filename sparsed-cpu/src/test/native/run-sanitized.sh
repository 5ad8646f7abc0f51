#!/bin/sh
# Builds the kernels and selftest with AddressSanitizer and UndefinedBehaviorSanitizer and runs random calls at
# every level; AVX-512 and AMX on emulated instructions.
#
#   sparsed-cpu/src/test/native/run-sanitized.sh [ROUNDS [SEED]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
native=$here/../../main/native
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=${CXX:-g++}
flags="-std=c++20 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=fast
  -Wall -Wextra -Wno-psabi -DSPARSED_EMULATED -I$native -I$here"
cd "$work"
for source in arena workers attention product rows processor sparsed_cpu; do
  $compiler $flags -O1 -c "$native/$source.cpp"
done
exact="-O1 -ffp-contract=off"
$compiler $flags $exact -c "$native/rows/baseline.cpp" -o rows_baseline.o
$compiler $flags $exact -mavx2 -mfma -c "$native/rows/avx2.cpp" -o rows_avx2.o
$compiler $flags $exact -mavx2 -mfma -c "$native/rows/avx512.cpp" -o rows_avx512.o
$compiler $flags -O1 -c "$native/levels/baseline.cpp"
for level in avx2 avx2_vnni avx512 avx512_bf16 amx; do
  $compiler $flags -O1 -mavx2 -mfma -c "$native/levels/$level.cpp" &
  if [ $level = avx2_vnni ] || [ $level = avx512_bf16 ]; then wait; fi
done
for check in attention product rows main; do
  $compiler $flags -O1 -c "$here/selftest/$check.cpp" -o "check_$check.o"
done
wait
$compiler $flags -o selftest ./*.o -lpthread
./selftest "${1:-20}" "${2:-1}"
