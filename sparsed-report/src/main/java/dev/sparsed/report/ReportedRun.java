package dev.sparsed.report;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.text.Tokenizer;
import dev.sparsed.text.TokenizerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One generation as a page shows it. Holds no native memory.
 *
 * @param name what readers tell it from another one by
 * @param model what computed it, in one line
 * @param maskToken id of the mask
 * @param result what it gave
 * @param steps its steps, none where nothing was recorded
 * @param sequences its sequences
 * @param texts what its tokens read as; asked for all of them before
 */
record ReportedRun(
    String name,
    String model,
    int maskToken,
    GenerationResult result,
    List<Step> steps,
    List<Sequence> sequences,
    TokenTexts texts) {

  /** What a sequence adds to the result. */
  record Sequence(List<TokenTexts.Joint> joints, List<Selection> selections) {}

  static ReportedRun of(DiffusionModel model, Recording recording, GenerationResult result) {
    TokenTexts texts = new TokenTexts(tokenizer(model));
    List<Step> steps = recording.steps();
    for (Step step : steps) {
      for (int[] guesses : step.guesses()) {
        IntStream.range(0, guesses.length / 2).forEach(i -> texts.piece(guesses[2 * i + 1]));
      }
    }
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < result.sequences().size(); i++) {
      int[] tokens = result.sequences().get(i).stream().mapToInt(Integer::intValue).toArray();
      for (int token : tokens) {
        texts.piece(token);
      }
      sequences.add(new Sequence(texts.joints(tokens), selections(recording, result, i)));
    }
    return new ReportedRun(
        result.sparsity().sparse() ? "sparse attention" : "full attention",
        describe(model.describe()),
        model.config().maskToken(),
        result,
        steps,
        sequences,
        texts);
  }

  /** Patterns that need no scores are selected in no step, so that only the result has them. */
  private static List<Selection> selections(
      Recording recording, GenerationResult result, int sequence) {
    List<Selection> recorded = recording.selections(sequence);
    if (!recorded.isEmpty() || result.patterns().isEmpty()) {
      return recorded;
    }
    List<SparsePattern> kept = result.patterns().get(sequence);
    NavigableMap<Integer, SparsePattern> layers = new TreeMap<>();
    IntStream.range(0, kept.size()).forEach(layer -> layers.put(layer, kept.get(layer)));
    return Selection.of(null, layers);
  }

  /** A checkpoint need not have a tokenizer. */
  private static @Nullable Tokenizer tokenizer(DiffusionModel model) {
    try {
      return model.tokenizer();
    } catch (TokenizerException e) {
      return null;
    }
  }

  private static String describe(DiffusionModel.Description model) {
    return String.format(
        Locale.ROOT,
        "%s of %,d weights in %s on %s, attention by %s",
        model.modelClass(),
        model.parameters(),
        model.precision().name().toLowerCase(Locale.ROOT),
        model.device(),
        model.attention());
  }

  ReportedRun named(String other) {
    return new ReportedRun(other, model, maskToken, result, steps, sequences, texts);
  }
}
