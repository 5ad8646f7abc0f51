package dev.sparsed.models;

import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.pattern.SparsePattern;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

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
    List<List<Canvas.Gap>> gaps,
    List<Integer> openPositions,
    int completedSteps,
    int totalSteps,
    boolean cancelled,
    Sparsity.Decision sparsity,
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

  /**
   * What a generation did with its cache.
   *
   * @param wholePasses steps that ran the model on whole sequences
   * @param wholeTime wall-clock time of these steps
   * @param cachedPasses steps that ran the model on a part of each sequence and read the cache
   * @param cachedTime wall-clock time of these steps
   * @param peakBytes most bytes of keys and values that were kept at a time, of all sequences
   *     together
   */
  public record CacheReport(
      int wholePasses, Duration wholeTime, int cachedPasses, Duration cachedTime, long peakBytes) {

    /** A generation that has not begun. */
    static final CacheReport NONE = new CacheReport(0, Duration.ZERO, 0, Duration.ZERO, 0);

    CacheReport plus(boolean whole, Duration time, long bytes) {
      return new CacheReport(
          wholePasses + (whole ? 1 : 0),
          whole ? wholeTime.plus(time) : wholeTime,
          cachedPasses + (whole ? 0 : 1),
          whole ? cachedTime : cachedTime.plus(time),
          Math.max(peakBytes, bytes));
    }
  }

  /**
   * Memory during a generation, sampled after every layer; other work in the same process counts
   * too.
   *
   * @param residentBytesBefore resident set of the process when the generation began, in bytes
   * @param peakResidentBytes largest resident set seen, in bytes
   * @param peakDeviceBytes most bytes of the graphics card's memory that LibTorch had given to
   *     tensors at a time; empty on the processor
   */
  public record MemoryUse(
      long residentBytesBefore, long peakResidentBytes, OptionalLong peakDeviceBytes) {}

  /**
   * The forward passes of a generation.
   *
   * @param passes passes that ran
   * @param shared how many of them ran the model for other sequences too
   * @param exact whether every sequence got what it gets alone to the last bit; if not, up to
   *     rounding
   */
  public record PassReport(int passes, int shared, boolean exact) {}

  /**
   * What a generation did in one attention phase.
   *
   * @param steps denoising steps in this phase
   * @param forwardPasses how many of them ran the model; a step that commits no token, builds no
   *     pattern and fills no cache changes nothing and is not computed
   * @param time wall-clock time of these steps
   */
  public record PhaseUse(int steps, int forwardPasses, Duration time) {}
}
