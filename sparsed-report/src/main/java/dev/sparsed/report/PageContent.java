package dev.sparsed.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON inside a page, as its scripts read it.
 *
 * @param title of the page
 * @param pieces texts of tokens; tokens are indices into them, -1 an open position
 * @param specials which of them are special tokens
 * @param runs one or two generations
 * @param overlaps how much the patterns of pairs of selections agree
 */
record PageContent(
    String title,
    List<String> pieces,
    List<Integer> specials,
    List<Run> runs,
    List<Overlap> overlaps) {

  /** A generation; times in seconds, memory in bytes. */
  record Run(
      String name,
      String model,
      String reason,
      int totalSteps,
      int completedSteps,
      boolean cancelled,
      double seconds,
      @Nullable Double density,
      long peakMemory,
      @Nullable Long peakCardMemory,
      List<Phase> phases,
      List<PageStep> steps,
      List<Sequence> sequences) {}

  /** What happened in an attention phase. */
  record Phase(String phase, int steps, int forwardPasses, double seconds) {}

  /** A step. */
  record PageStep(String phase, String cache, boolean ran, double milliseconds) {}

  /**
   * A sequence.
   *
   * @param joint characters made of several tokens: first position, tokens, text
   * @param decided for each position from the first that is generated the step that decided it, -1
   *     for none, -2 where the token is given
   * @param chances for each of them the probability, null for none
   * @param guesses for each step the changes: index in the generation and piece in turn; null where
   *     nothing is guessed
   */
  record Sequence(
      int promptLength,
      int open,
      List<Integer> tokens,
      List<List<Object>> joint,
      List<Integer> decided,
      List<@Nullable Double> chances,
      @Nullable List<List<Integer>> guesses,
      List<PageSelection> selections) {}

  /**
   * Patterns that one step selected.
   *
   * @param step the step, null for patterns that are selected in none
   * @param layers how many layers
   * @param numbers their indices in the model
   * @param queryBlock tokens of a query block
   * @param keyBlock tokens of a key block
   * @param scale blocks along the side of a cell
   * @param rows cells from top to bottom
   * @param columns cells from left to right
   * @param offset where its cells start in the unpacked bytes
   * @param densities [layers][heads]
   * @param headOverlaps [layers][pairs of heads a &lt; b, b running fastest]
   */
  record PageSelection(
      @Nullable Integer step,
      int layers,
      List<Integer> numbers,
      int heads,
      int queryBlock,
      int keyBlock,
      int queryTokens,
      int keyTokens,
      int scale,
      int rows,
      int columns,
      long offset,
      List<List<Double>> densities,
      List<List<Double>> headOverlaps) {}

  /**
   * How much two selections agree.
   *
   * @param a run and index of the selection
   * @param b run and index of the other one
   * @param shares [layers][heads]
   */
  record Overlap(int sequence, List<Integer> a, List<Integer> b, List<List<Double>> shares) {}
}
