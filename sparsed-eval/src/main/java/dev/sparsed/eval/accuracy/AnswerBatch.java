package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;

/**
 * Prompts that are answered together, and everything that decides their answers beside the model
 * and its method.
 *
 * @param prompts what is asked, at least one
 * @param generationLength tokens to generate for each
 * @param seed the seed of random choices
 */
public record AnswerBatch(ImmutableList<TaskPrompt> prompts, int generationLength, long seed) {}
