/**
 * Dream (arXiv 2508.15487) and the models of its class: Dream-Coder, DiffuCoder, d3LLM-Dream. Made
 * of an autoregressive model: biases on queries, keys and values, logits shifted by one position.
 */
@NullMarked
package dev.sparsed.models.family.dream;

import org.jspecify.annotations.NullMarked;
