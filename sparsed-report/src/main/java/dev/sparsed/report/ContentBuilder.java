package dev.sparsed.report;

import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.pattern.BlockGrid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns runs into what the page's scripts read. */
final class ContentBuilder {

  private static final int OPEN = -1;

  private static final int GIVEN = -2;

  private final Pieces pieces = new Pieces();
  private final List<PageContent.Overlap> overlaps = new ArrayList<>();
  private final List<Placed> placed = new ArrayList<>();
  private final List<Selection> selections = new ArrayList<>();

  /** A selection, and where it stands. */
  private record Placed(int run, int sequence, int index, PatternNumbers numbers) {}

  /**
   * A page's content.
   *
   * @param content the JSON
   * @param patterns the packed patterns
   */
  record Built(PageContent content, PatternPack patterns) {}

  static Built build(String title, List<ReportedRun> runs) {
    return new ContentBuilder().all(title, runs);
  }

  private Built all(String title, List<ReportedRun> runs) {
    for (int run = 0; run < runs.size(); run++) {
      List<ReportedRun.Sequence> sequences = runs.get(run).sequences();
      for (int sequence = 0; sequence < sequences.size(); sequence++) {
        place(run, sequence, sequences.get(sequence).selections());
      }
    }
    PatternPack pack = PatternPack.of(selections);
    List<PageContent.Run> all = new ArrayList<>();
    for (int run = 0; run < runs.size(); run++) {
      all.add(run(run, runs.get(run), pack));
    }
    return new Built(
        new PageContent(title, pieces.texts(), pieces.specials(), all, overlaps), pack);
  }

  private void place(int run, int sequence, List<Selection> its) {
    for (int index = 0; index < its.size(); index++) {
      Placed next = new Placed(run, sequence, index, new PatternNumbers(its.get(index)));
      for (Placed earlier : placed) {
        if (earlier.sequence == sequence && earlier.numbers.comparableWith(next.numbers)) {
          overlaps.add(
              new PageContent.Overlap(
                  sequence,
                  List.of(earlier.run, earlier.index),
                  List.of(run, index),
                  earlier.numbers.overlaps(next.numbers)));
        }
      }
      placed.add(next);
      selections.add(its.get(index));
    }
  }

  private PageContent.Run run(int index, ReportedRun run, PatternPack pack) {
    GenerationResult result = run.result();
    List<PageContent.Phase> phases = new ArrayList<>();
    new TreeMap<>(result.phases())
        .forEach(
            (phase, use) ->
                phases.add(
                    new PageContent.Phase(
                        name(phase), use.steps(), use.forwardPasses(), seconds(use.time()))));
    List<PageContent.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < run.sequences().size(); i++) {
      sequences.add(sequence(run, i, selections(index, i, run, pack)));
    }
    return new PageContent.Run(
        run.name(),
        run.model(),
        result.sparsity().reason(),
        result.totalSteps(),
        result.completedSteps(),
        result.cancelled(),
        seconds(result.time()),
        result.density().isPresent() ? result.density().getAsDouble() : null,
        result.memory().peakResidentBytes(),
        result.memory().peakDeviceBytes().isPresent()
            ? result.memory().peakDeviceBytes().getAsLong()
            : null,
        phases,
        run.steps().stream().map(ContentBuilder::step).toList(),
        sequences);
  }

  private static PageContent.PageStep step(Step step) {
    return new PageContent.PageStep(
        name(step.phase()), name(step.cache()), step.ran(), step.time().toNanos() / 1e6);
  }

  private List<PageContent.PageSelection> selections(
      int run, int sequence, ReportedRun of, PatternPack pack) {
    List<PageContent.PageSelection> all = new ArrayList<>();
    for (int at = 0; at < placed.size(); at++) {
      Placed each = placed.get(at);
      if (each.run != run || each.sequence != sequence) {
        continue;
      }
      Selection selection = of.sequences().get(sequence).selections().get(each.index);
      BlockGrid grid = each.numbers.grid();
      all.add(
          new PageContent.PageSelection(
              selection.step(),
              selection.layers().size(),
              selection.numbers(),
              grid.heads(),
              grid.blocks().queryTokens(),
              grid.blocks().keyTokens(),
              grid.queryLength(),
              grid.keyLength(),
              pack.scale(),
              PatternPack.cells(grid.queryBlocks(), pack.scale()),
              PatternPack.cells(grid.keyBlocks(), pack.scale()),
              pack.offsets().get(at),
              each.numbers.densities(),
              each.numbers.headOverlaps()));
    }
    return all;
  }

  private PageContent.Sequence sequence(
      ReportedRun run, int index, List<PageContent.PageSelection> its) {
    GenerationResult result = run.result();
    int promptLength = result.promptLengths().get(index);
    List<Integer> ids = result.sequences().get(index);
    List<Integer> tokens = new ArrayList<>();
    for (int position = 0; position < ids.size(); position++) {
      boolean open = position >= promptLength && ids.get(position) == run.maskToken();
      tokens.add(open ? OPEN : pieces.number(run.texts().piece(ids.get(position))));
    }
    Decisions decisions =
        Decisions.of(run.steps(), index, promptLength, tokens.subList(promptLength, tokens.size()));
    giveBetween(result.gaps().get(index), promptLength, decisions);
    return new PageContent.Sequence(
        promptLength,
        result.openPositions().get(index),
        tokens,
        run.sequences().get(index).joints().stream()
            .map(joint -> List.<Object>of(joint.start(), joint.length(), joint.text()))
            .toList(),
        decisions.steps(),
        decisions.chances(),
        guesses(run, index, promptLength),
        its);
  }

  /** Marks what is given between and behind gaps. */
  private static void giveBetween(List<Canvas.Gap> gaps, int promptLength, Decisions decisions) {
    int at = promptLength;
    for (Canvas.Gap gap : gaps) {
      Collections.fill(
          decisions.steps().subList(at - promptLength, gap.start() - promptLength), GIVEN);
      at = gap.end();
    }
    List<Integer> steps = decisions.steps();
    Collections.fill(steps.subList(at - promptLength, steps.size()), GIVEN);
  }

  /**
   * When the tokens of a sequence's generation were decided, for the last time.
   *
   * @param steps the step of each, {@link #OPEN} where none is
   * @param chances the probability of each, null where there was none
   */
  private record Decisions(List<Integer> steps, List<@Nullable Double> chances) {

    static Decisions of(List<Step> all, int sequence, int promptLength, List<Integer> generated) {
      Integer[] steps = new Integer[generated.size()];
      @Nullable Double[] chances = new Double[generated.size()];
      Arrays.fill(steps, OPEN);
      for (int step = 0; step < all.size(); step++) {
        int[] positions = all.get(step).decided().get(sequence);
        for (int i = 0; i < positions.length; i++) {
          int at = positions[i] - promptLength;
          double chance = all.get(step).chances().get(sequence)[i];
          // A decision may have been taken back since.
          if (generated.get(at) != OPEN) {
            steps[at] = step;
            chances[at] = Double.isNaN(chance) ? null : Math.round(chance * 1e6) / 1e6;
          }
        }
      }
      return new Decisions(Arrays.asList(steps), Arrays.asList(chances));
    }
  }

  private @Nullable List<List<Integer>> guesses(ReportedRun run, int sequence, int promptLength) {
    List<List<Integer>> all = new ArrayList<>();
    boolean any = false;
    for (Step step : run.steps()) {
      int[] changes = step.guesses().get(sequence);
      List<Integer> shown = new ArrayList<>();
      for (int i = 0; i < changes.length; i += 2) {
        shown.add(changes[i] - promptLength);
        shown.add(pieces.number(run.texts().piece(changes[i + 1])));
      }
      any |= !shown.isEmpty();
      all.add(shown);
    }
    return any ? all : null;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
