package dev.sparsed.cpu;

/**
 * Instruction-set levels that the kernels are compiled for, from the slowest to the fastest; each
 * includes those before it.
 */
public enum InstructionSet {
  /** What every machine of the platform has: on x86-64 SSE2. */
  BASELINE,
  /** AVX2 with fused multiply-add. */
  AVX2,
  /** AVX-512 F, BW, DQ and VL. */
  AVX512,
  /** AVX-512 with bf16 dot products; float32 calls run as with {@link #AVX512}. */
  AVX512_BF16,
  /** AMX tiles for bf16; float32 calls run as with {@link #AVX512}. */
  AMX
}
