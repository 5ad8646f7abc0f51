package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;

/** Something that answers prompts, such as a model under a generation method. */
@FunctionalInterface
public interface AnswerSource {

  /**
   * Answers a batch of prompts.
   *
   * @param prompts what is asked, at least one
   * @param generationLength tokens to generate for each
   * @param seed the seed of random choices; the same prompts, length and seed give the same answers
   * @return one text per prompt, in their order
   */
  ImmutableList<String> answer(ImmutableList<TaskPrompt> prompts, int generationLength, long seed);
}
