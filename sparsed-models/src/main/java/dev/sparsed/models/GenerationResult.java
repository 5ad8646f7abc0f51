package dev.sparsed.models;

import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.decoding.Gap;
import dev.sparsed.pattern.SparsePattern;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a generation gave.
 *
 * @param sequences tokens of each sequence, prompt included, in the order of the request's prompts;
 *     mask tokens where positions stayed open
 * @param promptLengths tokens of each prompt; of a canvas those before its first gap
 * @param gaps for each sequence where tokens were generated: behind its prompt, or in the gaps of
 *     its canvas
 * @param openPositions for each sequence how many positions hold no token but the mask: a cancelled
 *     generation has not decided them yet, or the model itself predicts the mask there, which
 *     {@link GenerationRequest.Builder#forbid} prevents
 * @param completedSteps denoising steps that ran to their end
 * @param totalSteps denoising steps asked for; of parallel decoding, which ends when everything is
 *     decided, as many as there are tokens to generate
 * @param cancelled true if the listener or an interruption ended it before the last step
 * @param sparsity whether the sparse policy was followed, and why
 * @param phases steps and time per attention phase; phases that did not occur are absent
 * @param time wall-clock time of the whole generation
 * @param density mean share of blocks that the sparse steps' patterns hold; empty if there was no
 *     pattern
 * @param cache what the cache cost and saved; empty if there was none
 * @param memory memory of the process
 * @param patterns for each sequence the pattern of each layer; empty unless they were asked for and
 *     there was one
 * @param passes its forward passes, and whether others shared them
 */
public record GenerationResult(
    List<List<Integer>> sequences,
    List<Integer> promptLengths,
    List<List<Gap>> gaps,
    List<Integer> openPositions,
    int completedSteps,
    int totalSteps,
    boolean cancelled,
    SparsityDecision sparsity,
    Map<AttentionPhase, PhaseUse> phases,
    Duration time,
    OptionalDouble density,
    Optional<CacheReport> cache,
    MemoryUse memory,
    List<List<SparsePattern>> patterns,
    PassReport passes) {

  /**
   * The generated tokens of one sequence, without what was given.
   *
   * @param sequence index of the prompt in the request
   * @return token ids, {@code generationLength} of them, those of several gaps one after another; a
   *     copy
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  public int[] generated(int sequence) {
    return Ints.concat(filled(sequence).toArray(int[][]::new));
  }

  /**
   * The generated tokens of one sequence, gap by gap.
   *
   * @param sequence index of the prompt or canvas in the request
   * @return token ids of each gap; copies
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  public List<int[]> filled(int sequence) {
    List<Integer> tokens = sequences.get(sequence);
    return gaps.get(sequence).stream()
        .map(gap -> Ints.toArray(tokens.subList(gap.start(), gap.end())))
        .toList();
  }

  /**
   * Steps that ran the model, in all phases together. Sequences that shared a pass count one.
   *
   * @return 0 or more
   */
  public int forwardPasses() {
    return phases.values().stream().mapToInt(PhaseUse::forwardPasses).sum();
  }

  /**
   * Steps and time of one attention phase.
   *
   * @param phase the phase
   * @return what the generation did in it, nothing if it did not occur
   */
  public PhaseUse phase(AttentionPhase phase) {
    return phases.getOrDefault(phase, new PhaseUse(0, 0, Duration.ZERO));
  }
}
