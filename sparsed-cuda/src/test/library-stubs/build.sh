#!/usr/bin/env bash
# Compiles stand-ins for libraries that need a GPU or cannot be downloaded: build.sh FOLDER makes
# FOLDER/libcuda.so.1, cuDNN's libraries, and empty ones that cuDNN's bindings ask for.
set -euo pipefail

folder=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"

library() {
  "${CC:-gcc}" -shared -fPIC -O1 -Wall -Wextra -Werror -Wl,-soname,"$1" -o "$folder/$1" -x c "$2" -lm
}

library libcuda.so.1 "$here/libcuda.c"
library libcudnn_graph.so.9 "$here/libcudnn.c"
for empty in libcudnn.so.9 libcudnn_cnn.so.9 libcudnn_adv.so.9 libcudnn_ops.so.9 \
  libcudnn_engines_precompiled.so.9 libcudnn_engines_runtime_compiled.so.9 \
  libcudnn_heuristic.so.9 libcublas.so.13 libcublasLt.so.13; do
  library "$empty" /dev/null
done
