// Runs the kernels of every level on random calls. Meant for AddressSanitizer and UBSan (see run-sanitized.sh); the
// Java tests cover more cases.
#include <stdio.h>
#include <stdlib.h>

#include <thread>
#include <vector>

#include "selftest.h"

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 30;
  const unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
  generator.seed(seed);
  sparsed_cpu_set_processors(5);  // for calls with more threads than this machine may have processors
  printf("%d rounds per level, seed %u%s\n", rounds, seed, sparsed_cpu_emulated() ? ", upper levels emulated" : "");
  bool good = true;
  for (int level = 0; level < SPARSED_LEVELS; level++) {
    if ((sparsed_cpu_levels() >> level & 1) == 0) {
      printf("level %d: not on this machine\n", level);
      continue;
    }
    for (int type : {(int)SPARSED_FLOAT32, (int)SPARSED_BFLOAT16}) {
      for (int i = 0; i < rounds; i++) {
        good &= check_attention(level, type);
        for (int p = 0; p < 5; p++) good &= check_product(level, type, 5 * i + p);
      }
      tell_errors(level, type);
    }
    for (int type : {(int)SPARSED_FLOAT32, (int)SPARSED_BFLOAT16, (int)SPARSED_FLOAT16}) {
      for (int i = 0; i < 4 * rounds; i++) {
        good &= check_norm(level, type);
        good &= check_rotation(level, type);
      }
    }
  }
  // Several callers at once share the helpers.
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; t++) {
    callers.emplace_back([] {
      std::vector<float> q(4 * 64 * 32, 0.5f), out(q.size());
      SparsedAttention call = {};
      call.threads = 3, call.batch = 1, call.heads = 4, call.kv_heads = 4, call.query_length = call.key_length = 64;
      call.head_dimension = 32, call.query_block = call.key_block = 16, call.scale = 0.1f;
      call.query = call.key = call.value = q.data();
      call.output = out.data();
      call.query_head_stride = call.key_head_stride = call.value_head_stride = call.output_head_stride = 64 * 32;
      call.query_token_stride = call.key_token_stride = call.value_token_stride = call.output_token_stride = 32;
      for (int i = 0; i < 50; i++) {
        if (sparsed_cpu_attention(&call) != SPARSED_OK) abort();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  sparsed_cpu_release_memory();
  puts(good ? "passed" : "FAILED");
  return good ? 0 : 1;
}
