package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;

/**
 * One question about a long text.
 *
 * @param prompt the text and the question
 * @param answerPrefix how the answer begins
 * @param answers what the answer must hold
 */
public record RulerSample(String prompt, String answerPrefix, ImmutableList<String> answers) {}
