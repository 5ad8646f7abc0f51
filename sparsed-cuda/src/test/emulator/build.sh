#!/usr/bin/env bash
# Compiles the CUDA kernels for the CPU together with the emulator: build.sh CUDA_SOURCES OUTPUT.
# Does nothing where the output is newer than every source. CXX names the compiler, with words before it such as
# "ccache g++" if need be.
set -euo pipefail

cuda=$1
output=$2
here=$(cd "$(dirname "$0")" && pwd)
objects="$(dirname "$output")/objects"

if [ -x "$output" ] && [ -z "$(find "$here" "$cuda" -type f -newer "$output")" ]; then
  exit 0
fi
mkdir -p "$objects"

# Warnings about loops over no element and comparisons that are constant in one instance of a
# template are not errors in a kernel.
flags=(-std=c++17 -O3 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0 -DSPARSED_EMULATED
  -D__device__= -D__forceinline__=inline -include "$here/emulated_device.h"
  -I "$here" -I "$cuda" -Wall -Wextra -Werror -Wno-unknown-pragmas -Wno-clobbered)

printf '%s\n' "$cuda"/*.cu "$here"/*.cpp |
  xargs -P 2 -I {} sh -c 'source=$1; objects=$2; shift 2
    exec ${CXX:-g++} "$@" -x c++ -c "$source" -o "$objects/$(basename "$source").o"' \
    sh {} "$objects" "${flags[@]}"
${CXX:-g++} "$objects"/*.o -o "$output"
