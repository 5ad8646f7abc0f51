package dev.sparsed.cli;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.ScoreScale;
import dev.sparsed.attention.SkipSchedule;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.Sparsity;
import dev.sparsed.select.BlockSelector;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRecorder;
import java.io.PrintWriter;
import java.util.Optional;

/**
 * Generates for the sake of patterns: with full attention, up to the last step whose patterns are
 * wanted.
 *
 * @param settings SparseD's skip and block size
 * @param selector chooses the blocks
 * @param scale the factor on q . k by which they are scored
 * @param scores whether the scores are kept, too
 * @param otherSteps whether steps before and after SparseD's choose as well
 */
record PatternGeneration(
    PatternArguments settings,
    BlockSelector selector,
    ScoreScale scale,
    boolean scores,
    boolean otherSteps) {

  /** Steps that choose after the one that SparseD keeps. */
  private static final int LATER_STEPS = 3;

  /** SparseD's own patterns. */
  static PatternGeneration sparseD(PatternArguments settings, boolean scores, boolean otherSteps) {
    return new PatternGeneration(
        settings, new IsolatedTopK(settings.select()), ScoreScale.PUBLISHED, scores, otherSteps);
  }

  /**
   * Generates.
   *
   * @param name what the run is called
   * @param model generates
   * @param request with a prompt; its attention is set here
   * @param err is told of the progress
   * @return what was chosen; no layer where the generation was stopped before
   */
  PatternRun run(
      String name, DiffusionModel model, GenerationRequest.Builder request, PrintWriter err)
      throws Exception {
    GenerationRequest asked = request.build();
    int kept = Math.min(asked.steps() - 1, (int) (asked.steps() * settings.skip()) + 1);
    ImmutableSet<Integer> steps = steps(kept, asked.steps());
    SkipSchedule schedule =
        (step, total) ->
            steps.contains(step) ? AttentionPhase.FULL_AND_SELECT : AttentionPhase.FULL;
    Optional<ScoreRecorder> recorder =
        scores ? Optional.of(new ScoreRecorder(selector)) : Optional.empty();
    BlockSelector chooses = recorder.isPresent() ? recorder.get() : selector;
    int block = settings.blockSize(asked.longestSequence());
    GenerationRequest built =
        request
            .attention(new AttentionPolicy(schedule, chooses, block, scale))
            .sparsity(Sparsity.ALWAYS)
            .stopAt()
            .keepPatterns()
            .build();
    int last = steps.stream().mapToInt(Integer::intValue).max().orElse(kept);
    try (StepProgress progress = StepProgress.on(err, last + 1)) {
      PatternWatcher watcher = new PatternWatcher(progress, kept, last, recorder);
      Interruption.during(() -> model.generate(built, watcher));
      return PatternRun.of(name, built.generationLength(), kept, watcher.steps(), watcher.scores());
    }
  }

  private ImmutableSet<Integer> steps(int kept, int total) {
    ImmutableSet.Builder<Integer> steps = ImmutableSet.builder();
    steps.add(kept);
    if (otherSteps) {
      steps.add(0);
      for (int i = 1; i <= LATER_STEPS; i++) {
        steps.add(kept + (total - 1 - kept) * i / LATER_STEPS);
      }
    }
    return steps.build();
  }
}
