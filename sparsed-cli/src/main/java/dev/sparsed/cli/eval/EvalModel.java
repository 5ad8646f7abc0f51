package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.models.method.Method;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What evaluations ask of a model and its tokenizer. */
interface EvalModel extends AutoCloseable {

  /**
   * What decides the model's answers: its configuration, weights, precision and device.
   *
   * @return setting to value; computed without loading the weights
   */
  ImmutableMap<String, String> identity();

  /** Everything that decides what a method generates with this model. */
  String describe(Method method);

  /**
   * Everything that decides how tokens are chosen, defaults included.
   *
   * @return setting to value
   * @throws IllegalArgumentException if the method cannot be used so with this model
   */
  Map<String, String> settings(MethodUse use);

  /**
   * Tokens that a generation has of which so many are wanted: whole blocks, where there are any.
   */
  int generationLength(Method method, int wanted);

  /** Tokens of a prompt as the model gets it, answer prefix included. */
  int tokens(TaskPrompt prompt, boolean chatTemplate);

  /** Positions that the model was trained for, prompt and generation together. */
  int trainedPositions();

  /**
   * Checks that a prompt can be answered, without the weights.
   *
   * @return positions of prompt and generation together
   * @throws IllegalArgumentException if it cannot, saying why
   */
  int check(Question question, TaskPrompt prompt, int length);

  /**
   * Checks that a case can be measured, without the weights.
   *
   * @throws IllegalArgumentException if it cannot, saying why
   */
  void check(MethodUse use, SpeedCase speedCase);

  /** Answers a batch. */
  Answers answer(Question question, ImmutableList<TaskPrompt> prompts, int length, long seed);

  /** Generates once after a prompt of the case's length. */
  SpeedSample time(MethodUse use, SpeedCase speedCase, long seed);

  /** How end of text is treated when tokens are counted. */
  String endOfText(boolean earlyStop);

  @Override
  void close();

  /**
   * How to ask.
   *
   * @param use the method and how it is used
   * @param chatTemplate whether plain prompts are rendered with the chat template
   * @param steps denoising steps; empty for one per token
   */
  record Question(MethodUse use, boolean chatTemplate, OptionalInt steps) {}

  /**
   * A batch of answers.
   *
   * @param texts one per prompt
   * @param tokens tokens up to the end of each text, of all of them together
   * @param positions positions generated, those after an end of text included, of all together
   * @param seconds time of the generation
   * @param deviceBytes most memory of a graphics card in use, where there is one
   */
  record Answers(
      ImmutableList<String> texts,
      int tokens,
      int positions,
      double seconds,
      OptionalLong deviceBytes) {}
}
