// Kernels for float32 tensors.
#include "float32.cuh"

SPARSED_FLOAT32_KERNELS()
