package dev.sparsed.eval.model;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.models.method.Method;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What evaluations ask of a model and its tokenizer. Used by one thread at a time. */
public interface EvalModel extends AutoCloseable {

  /**
   * What decides the model's answers: its configuration, weights, precision and device.
   *
   * @return setting to value; computed without loading the weights
   */
  ImmutableMap<String, String> identity();

  /**
   * Everything that decides what a method generates with this model.
   *
   * @param method the method
   * @return its parts and all settings that matter to them
   */
  String describe(Method method);

  /**
   * Everything that decides how tokens are chosen, defaults included.
   *
   * @param use the method and its sampling
   * @return setting to value
   * @throws IllegalArgumentException if the method cannot be used so with this model
   */
  Map<String, String> settings(MethodUse use);

  /**
   * Tokens that a generation has of which so many are wanted: whole blocks, where there are any.
   *
   * @param method the method
   * @param wanted tokens to generate, at least 1
   * @return at least as many
   */
  int generationLength(Method method, int wanted);

  /**
   * Tokens of a prompt as the model gets it.
   *
   * @param prompt the prompt
   * @param chatTemplate whether a plain one is rendered with the chat template
   * @return their number, answer prefix included
   */
  int tokens(TaskPrompt prompt, boolean chatTemplate);

  /**
   * Positions that the model was trained for.
   *
   * @return their number, prompt and generation together
   */
  int trainedPositions();

  /**
   * Checks that a prompt can be answered, without the weights.
   *
   * @param question how it is asked
   * @param prompt what is asked
   * @param length tokens to generate
   * @return positions of prompt and generation together
   * @throws IllegalArgumentException if it cannot, saying why
   */
  int check(Question question, TaskPrompt prompt, int length);

  /**
   * Checks that a case can be measured, without the weights.
   *
   * @param use the method and how it is used
   * @param speedCase the lengths
   * @throws IllegalArgumentException if it cannot, saying why
   */
  void check(MethodUse use, SpeedCase speedCase);

  /**
   * Answers a batch.
   *
   * @param question how it is asked
   * @param prompts what is asked, at least one
   * @param length tokens to generate for each
   * @param seed the seed of random choices
   * @return the answers
   */
  Answers answer(Question question, ImmutableList<TaskPrompt> prompts, int length, long seed);

  /**
   * Generates once after a prompt of a case's length.
   *
   * @param use the method and how it is used
   * @param speedCase the lengths
   * @param seed the seed of random choices
   * @return what it took
   */
  SpeedSample time(MethodUse use, SpeedCase speedCase, long seed);

  /**
   * How end of text is treated when tokens are counted.
   *
   * @param earlyStop whether generations end there
   * @return a sentence or two for a report
   */
  String endOfText(boolean earlyStop);

  /** Gives back what the model holds. */
  @Override
  void close();

  /**
   * How to ask.
   *
   * @param use the method and how it is used
   * @param chatTemplate whether plain prompts are rendered with the chat template
   * @param steps denoising steps; empty for the method's usual ones
   */
  record Question(MethodUse use, boolean chatTemplate, OptionalInt steps) {}

  /**
   * A batch of answers.
   *
   * @param texts one per prompt
   * @param tokens tokens up to the end of each text, of all of them together
   * @param positions positions generated, those after an end of text included, of all together
   * @param forwardPasses steps that ran the model
   * @param committedTokens tokens that these steps committed, of all answers together; empty where
   *     that is not known, as after a stop at an end of text, which fills what comes after it
   * @param seconds time of the generation
   * @param deviceBytes most memory of a graphics card in use, where there is one
   */
  record Answers(
      ImmutableList<String> texts,
      int tokens,
      int positions,
      int forwardPasses,
      OptionalInt committedTokens,
      double seconds,
      OptionalLong deviceBytes) {}
}
