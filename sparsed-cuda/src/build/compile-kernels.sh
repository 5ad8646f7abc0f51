#!/usr/bin/env bash
# Compiles the CUDA sources into one image per source file and architecture:
#
#   compile-kernels.sh SOURCES OUTPUT      OUTPUT/sm_90/attention_bf16.cubin, OUTPUT/index.properties
#
# Without nvcc, or with SPARSED_NVCC=skip, it says so and leaves OUTPUT empty, unless it holds the
# images of these sources: kernels are then compiled by NVRTC where they are used. Warnings are
# errors. Fails if a kernel spills registers, or if a tensor-core kernel's PTX
# lacks the instructions it is written for. Does nothing if the images are those of these sources.
#
# The front end runs once, for the instructions of sm_80, which are all the kernels use; ptxas then
# makes machine code for each architecture. SPARSED_CUDA_ARCHITECTURES chooses fewer of them. The
# sources named hopper_* are compiled for sm_90a alone and lie with the images of sm_90.
set -euo pipefail

sources=$1
output=$2
architectures=${SPARSED_CUDA_ARCHITECTURES:-"sm_80 sm_86 sm_89 sm_90 sm_100 sm_120"}

nvcc=${SPARSED_NVCC:-$(command -v nvcc || true)}
if [ -z "$nvcc" ] && [ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ]; then
  nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
fi
# Of the sources alone: whether images are stale can be told without nvcc.
content=$(cat "$0" "$sources"/*.cu "$sources"/*.cuh | sha256sum | cut -d' ' -f1)
if [ "${SPARSED_NVCC:-}" = skip ]; then
  if grep -qs "^sources=$content$" "$output/index.properties"; then
    echo "[INFO] the CUDA kernels are left as they are: machine code of these sources"
  else
    rm -rf "$output"
    echo "[INFO] machine code of the CUDA kernels is left out, as asked for; NVRTC compiles them at first use"
  fi
  exit 0
fi
if [ -z "$nvcc" ]; then
  rm -rf "$output"
  echo "[WARNING] SKIPPED: no nvcc on this machine, so the jar gets no machine code of the CUDA" \
    "kernels and their spill and PTX checks are not run; they will be compiled by NVRTC at first use"
  exit 0
fi
ptxas=$(dirname "$nvcc")/ptxas

version=$("$nvcc" --version | sed -n 's/.*release [0-9.]*, V\([0-9.]*\).*/\1/p')
fingerprint=$(echo "$version $architectures $content" | sha256sum | cut -d' ' -f1)
if grep -qs "^fingerprint=$fingerprint$" "$output/index.properties"; then
  echo "[INFO] the CUDA kernels are up to date"
  exit 0
fi

rm -rf "$output"
mkdir -p "$output"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$sources"

# 1. PTX, two files at a time.
for source in *.cu; do
  case $source in
    hopper_*) echo "$source compute_90a" ;;
    *) echo "$source compute_80" ;;
  esac
done | xargs -P 2 -L 1 sh -c '
  exec "$1" -std=c++17 -ptx -arch="$4" -Werror all-warnings -o "$2/$3.ptx" "$3"' \
  sh "$nvcc" "$work"

# 2. The instructions that make the kernels what they are.
for ptx in "$work"/*.ptx; do
  awk -v file="$(basename "$ptx")" '
    function check() {
      hopper = name ~ /^hopper_/
      if (name ~ /_(bf16|f16)_d/ && !(cp_async && (hopper ? wgmma && mbarrier : mma && ldmatrix))) {
        print "[ERROR] " file ": " name " has " mma+0 " mma, " ldmatrix+0 " ldmatrix, " \
          cp_async+0 " cp.async, " wgmma+0 " wgmma, " mbarrier+0 " mbarrier instructions"
        failed = 1
      }
      mma = ldmatrix = cp_async = wgmma = mbarrier = 0
    }
    /\.entry/ { check(); name = $NF; sub(/\(.*/, "", name) }
    /mma\.sync\.aligned\.m16n8k16/ { mma++ }
    /ldmatrix\.sync/ { ldmatrix++ }
    /wgmma\.mma_async/ { wgmma++ }
    /mbarrier\.try_wait/ { mbarrier++ }
    /cp\.async\.cg\.shared\.global/ { cp_async++ }
    END { check(); exit failed }' "$ptx"
done

# 3. Machine code; the reports are kept for the checks.
for architecture in $architectures; do
  mkdir -p "$output/$architecture"
  for source in *.cu; do
    case $source in
      hopper_*) [ "$architecture" != sm_90 ] || echo "$architecture ${source%.cu} sm_90a" ;;
      *) echo "$architecture ${source%.cu} $architecture" ;;
    esac
  done
done | xargs -P 2 -L 1 sh -c '
  "$1" -arch="$6" -v -Werror -warn-spills "$2/$5.cu.ptx" -o "$3/$4/$5.cubin" \
    > "$2/$4-$5.report" 2>&1 || { cat "$2/$4-$5.report"; exit 255; }' \
  sh "$ptxas" "$work" "$output"

# 4. No spills, no products one after the other; registers per kernel and architecture.
awk '
  /Compiling entry function/ { split($0, quoted, "\x27"); name = quoted[2]; arch = quoted[4] }
  /wgmma.mma_async instructions are serialized/ { print "[ERROR] " $0; failed = 1 }
  /spill stores/ { if ($5 + $9 > 0) { print "[ERROR] " name " spills on " arch ": " $0; failed = 1 } }
  /Used [0-9]+ registers/ {
    match($0, /Used [0-9]+/); registers[name] = registers[name] " " arch ":" substr($0, RSTART + 5, RLENGTH - 5)
  }
  END {
    for (name in registers) print "[INFO] registers, no spills: " name registers[name] | "sort"
    exit failed
  }' "$work"/*.report

{
  echo "fingerprint=$fingerprint"
  echo "sources=$content"
  echo "architectures=$architectures"
  echo "nvcc=$version"
} > "$output/index.properties"
echo "[INFO] CUDA kernels: $(ls *.cu | wc -l) files x $(echo $architectures | wc -w) architectures," \
  "$(du -sh "$output" | cut -f1), by nvcc $version"
