#!/usr/bin/env bash
# Compiles the stand-in for the CUDA driver: build.sh FOLDER makes FOLDER/libcuda.so.1.
set -euo pipefail
mkdir -p "$1"
"${CC:-gcc}" -shared -fPIC -O1 -Wl,-soname,libcuda.so.1 -o "$1/libcuda.so.1" "$(dirname "$0")/libcuda.c"
