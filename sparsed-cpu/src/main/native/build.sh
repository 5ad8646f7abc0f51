#!/bin/sh
# Compiles the kernels and their JNI binding. Called by Maven:
#
#   build.sh OUTPUT_CLASSES TEST_CLASSES WORK_DIRECTORY JAVA_HOME CLASS_PATH
#
# The library goes to OUTPUT_CLASSES/dev/sparsed/cpu/PLATFORM, where JavaCPP's Loader looks for it. A second one goes to
# TEST_CLASSES/.../PLATFORM-emulated: the same kernels with the AVX-512 and AMX instructions emulated, so that tests
# reach them on every machine. Each instruction set has a translation unit of its own, compiled with its flags; nothing
# is compiled for the machine at hand.
#
# CXX names the compiler, with words before it such as "ccache g++" if need be, CXXFLAGS adds to its flags. Without a compiler nothing is built, which is no error: the Java
# side finds no library and says so.
set -eu

classes=$1
test_classes=$2
work=$3
java_home=$4
class_path=$5
here=$(cd "$(dirname "$0")" && pwd)
test_native=$here/../../test/native

compiler=${CXX:-}
if [ -z "$compiler" ]; then
  for candidate in g++ clang++ c++; do
    if command -v "$candidate" >/dev/null 2>&1; then
      compiler=$candidate
      break
    fi
  done
fi
if [ -z "$compiler" ]; then
  echo "sparsed-cpu: NO C++ COMPILER FOUND (g++, clang++ or \$CXX): built without native kernels." \
       "CpuKernels.isAvailable() will be false; LibTorch or plain Java computes instead."
  exit 0
fi

case $(uname -s)-$(uname -m) in
  Linux-x86_64) platform=linux-x86_64 suffix=so shared="-shared -Wl,-z,defs,-z,nodelete -Wl,--exclude-libs,ALL" jni=linux ;;
  Linux-aarch64) platform=linux-arm64 suffix=so shared="-shared -Wl,-z,defs,-z,nodelete" jni=linux ;;
  Darwin-arm64) platform=macosx-arm64 suffix=dylib shared=-dynamiclib jni=darwin ;;
  *)
    echo "sparsed-cpu: no native kernels for $(uname -s) $(uname -m): built without."
    exit 0
    ;;
esac

common="-std=c++20 -fPIC -fvisibility=hidden -ffp-contract=fast -ffunction-sections -I$here ${CXXFLAGS:-}"
avx512="-mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl"
amx="$avx512 -mavx512bf16 -mamx-tile -mamx-bf16"
probe=""
if [ "${platform#*x86_64}" != "$platform" ]; then probe="$amx -mavxvnni"; fi
if ! echo 'int main() { return []<int kOne>() { return kOne - 1; }.operator()<1>(); }' |
     $compiler $common $probe -x c++ -fsyntax-only - 2>/dev/null; then
  echo "sparsed-cpu: $($compiler --version | head -n 1) IS TOO OLD: it lacks C++20 or AVX-512 and AMX; GCC 11 or" \
       "Clang 14 have them. Built without native kernels."
  exit 0
fi

# Nothing to do when sources, flags and compiler are those of the last build.
stamp=$( (cat "$here"/*.h "$here"/*.cpp "$here"/levels/*.cpp "$here"/rows/*.cpp "$here/build.sh" \
            "$test_native"/*.h "$classes"/dev/sparsed/cpu/NativeKernels*.class \
            "$classes"/dev/sparsed/cpu/internal/NativeRows*.class
          $compiler --version
          echo "$compiler ${CXXFLAGS:-} $java_home $work") | cksum)
library=$classes/dev/sparsed/cpu/$platform/libjnisparsed_cpu.$suffix
emulated_library=$test_classes/dev/sparsed/cpu/$platform-emulated/libjnisparsed_cpu.$suffix
if [ -f "$work/stamp" ] && [ "$(cat "$work/stamp")" = "$stamp" ] && [ -f "$library" ] &&
   { [ -f "$emulated_library" ] || [ ! -f "$work/amx_emulated.o" ]; }; then
  exit 0
fi

rm -rf "$work"
mkdir -p "$work" "$(dirname "$library")"
echo "sparsed-cpu: compiling the kernels for $platform with $($compiler --version | head -n 1)"

"$java_home/bin/java" -cp "$class_path" org.bytedeco.javacpp.tools.Builder -nocompile -o jnisparsed_cpu \
  -d "$work" dev.sparsed.cpu.NativeKernels dev.sparsed.cpu.internal.NativeRows >"$work/javacpp.log" 2>&1 || {
  cat "$work/javacpp.log"
  exit 1
}

warnings="-Wall -Wextra -Wno-psabi"
# GCC 12 warns about its own header of AVX-512 intrinsics.
wide=-Wno-maybe-uninitialized

compile() { # object, source, flags...
  object=$work/$1.o
  source=$2
  shift 2
  $compiler $common $warnings "$@" -c "$source" -o "$object"
}

# Compiles in the background, two at a time at most.
failed=$work/failed
running=0
start() {
  { compile "$@" || touch "$failed"; } &
  running=$((running + 1))
  if [ $running -ge 2 ]; then
    wait
    running=0
  fi
}

# JavaCPP generates the binding and its own runtime, which each library carries.
start jni "$work/jnisparsed_cpu.cpp" -O1 -w "-I$java_home/include" "-I$java_home/include/$jni"
start javacpp "$work/jnijavacpp.cpp" -O1 -w "-I$java_home/include" "-I$java_home/include/$jni"
start baseline "$here/levels/baseline.cpp" -O3
# Rows round each product and each sum by itself: see rows.h.
exact="-O3 -ffp-contract=off"
start rows_baseline "$here/rows/baseline.cpp" $exact
for source in arena workers attention product rows environment processor sparsed_cpu; do start $source "$here/$source.cpp" -O2; done
objects="baseline rows_baseline"
if [ "${platform#*x86_64}" != "$platform" ]; then
  start avx2 "$here/levels/avx2.cpp" -O3 -mavx2 -mfma
  start avx2_vnni "$here/levels/avx2_vnni.cpp" -O3 -mavx2 -mfma -mavxvnni
  start rows_avx2 "$here/rows/avx2.cpp" $exact -mavx2 -mfma
  start avx512 "$here/levels/avx512.cpp" -O3 $avx512 $wide
  start rows_avx512 "$here/rows/avx512.cpp" $exact $avx512 $wide
  start avx512_bf16 "$here/levels/avx512_bf16.cpp" -O3 $avx512 -mavx512bf16 -mavx512vnni $wide
  start amx "$here/levels/amx.cpp" -O3 $amx $wide
  objects="$objects avx2 avx2_vnni rows_avx2 avx512 rows_avx512 avx512_bf16 amx"
  for source in processor sparsed_cpu; do
    start ${source}_emulated "$here/$source.cpp" -O2 -DSPARSED_EMULATED
  done
  for level in avx512 avx512_bf16 amx; do
    start ${level}_emulated "$here/levels/$level.cpp" -O2 -mavx2 -mfma -DSPARSED_EMULATED "-I$test_native"
  done
  start rows_avx512_emulated "$here/rows/avx512.cpp" -O2 -ffp-contract=off -mavx2 -mfma
fi
wait
if [ -e "$failed" ]; then
  echo "sparsed-cpu: the native kernels do not compile" >&2
  exit 1
fi

link() { # library, object names...
  out=$1
  shift
  files=""
  for name in "$@"; do files="$files $work/$name.o"; done
  # The C++ runtime goes into the library, so that it runs beside any other.
  static=""
  if [ "$jni" = linux ]; then static="-static-libgcc -static-libstdc++"; fi
  mkdir -p "$(dirname "$out")"
  $compiler ${CXXFLAGS:-} $shared $static -o "$out" $files -lpthread
}

scheduler="jni javacpp arena workers attention product rows environment"
link "$library" $scheduler processor sparsed_cpu $objects
if [ -f "$work/amx_emulated.o" ]; then
  link "$emulated_library" $scheduler processor_emulated sparsed_cpu_emulated baseline rows_baseline avx2 avx2_vnni \
    rows_avx2 avx512_emulated rows_avx512_emulated avx512_bf16_emulated amx_emulated
fi
echo "$stamp" >"$work/stamp"
