/**
 * LLaDA (arXiv 2502.09992) and the models of its class: LLaDA-1.5, UltraLLaDA, d3LLM-LLaDA. No
 * biases, a rotation in float32, decoding in blocks from left to right.
 */
@NullMarked
package dev.sparsed.models.family.llada;

import org.jspecify.annotations.NullMarked;
