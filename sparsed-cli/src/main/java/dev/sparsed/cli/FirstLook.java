package dev.sparsed.cli;

import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.demo.DemoQuestion;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.pattern.PatternPicture;
import dev.sparsed.pattern.SparsePattern;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import picocli.CommandLine.ParseResult;

/**
 * What {@code generate} shows to whom has not said what to generate: the embedded model answers a
 * question with SparseD and with full attention, and what came of both stands side by side.
 *
 * @param model the embedded model
 * @param question what it is asked
 */
record FirstLook(DiffusionModel model, DemoQuestion question) {

  /** Options that say nothing of what is generated. */
  private static final Set<String> NEUTRAL =
      Set.of("--report", "--quiet", "--live", "--verbose", "--threads", "--device", "--dtype");

  private static final double SKIP = AttentionPolicy.PUBLISHED_SKIP;
  private static final double SELECT = AttentionPolicy.PUBLISHED_SELECT;
  private static final int PICTURE_WIDTH = 64;

  /** A generation, and the times of its steps. */
  record Run(GenerationResult result, StepTimes times) {}

  /** Whether the command line leaves open what to generate. */
  static boolean isAsked(ParseResult parsed) {
    return parsed.matchedOptions().stream().allMatch(o -> NEUTRAL.contains(o.longestName()));
  }

  /** The request for the answer with SparseD. */
  GenerationRequest sparse() {
    return request(AttentionPolicy.sparseD(SKIP, SELECT, question.blockSize()));
  }

  /** The same with full attention. */
  GenerationRequest full() {
    return request(AttentionPolicy.full());
  }

  private GenerationRequest request(AttentionPolicy attention) {
    return model
        .ask(question.text())
        .generationLength(question.generationLength())
        .steps(question.generationLength())
        .attention(attention)
        .sparsity(Sparsity.ALWAYS)
        .keepPatterns()
        .build();
  }

  /** Generates, and times the steps. */
  Run run(GenerationRequest request, GenerationListener listener) throws Exception {
    StepTimes times = new StepTimes(listener);
    return new Run(Interruption.during(() -> model.generate(request, times)), times);
  }

  /** What is known of the answer. */
  void printAnswer(Run sparse, PrintWriter out, PrintWriter err, boolean quiet) {
    if (!quiet) {
      err.println();
      err.printf(
          Locale.ROOT,
          "%s (asked of a text of %d tokens)%n",
          question.question(),
          sparse.result.promptLengths().get(0));
      err.flush();
    }
    String answer = model.answer(sparse.result);
    out.println(answer);
    out.flush();
    if (!quiet) {
      err.println(
          answer.contains(question.answer())
              ? "That is right."
              : "That is wrong: the text says " + question.answer() + ".");
    }
  }

  /** Both generations side by side, and which blocks a head read. */
  void printComparison(Run sparse, Run full, PrintWriter err) {
    err.println();
    err.printf(Locale.ROOT, "%-16s%14s%12s%n", "", "blocks read", "a step");
    row(err, "SparseD", sparse, AttentionPhase.SPARSE, sparse.result.density());
    row(err, "full attention", full, AttentionPhase.FULL, OptionalDouble.of(1));
    String other = model.answer(full.result);
    err.println(
        other.equals(model.answer(sparse.result))
            ? "Both answer the same."
            : "With full attention the answer is: " + other);
    if (sparse.times.median(AttentionPhase.SPARSE).orElse(0)
        >= full.times.median(AttentionPhase.FULL).orElse(0)) {
      err.println("So short a text is read in full as fast; what is saved grows with the text.");
    }
    List<SparsePattern> layers = sparse.result.patterns().get(0);
    if (!layers.isEmpty()) {
      int layer = layers.size() / 2;
      err.println();
      err.print(
          PatternPicture.of(layers.get(layer))
              .titled(
                  "What each block of " + question.blockSize() + " tokens reads in layer " + layer)
              .generating(question.generationLength())
              .text(0, PICTURE_WIDTH));
    }
  }

  private static void row(
      PrintWriter err, String name, Run run, AttentionPhase phase, OptionalDouble density) {
    OptionalDouble step = run.times.median(phase);
    err.printf(
        Locale.ROOT,
        "%-16s%12.1f %%%12s%n",
        name,
        100 * density.orElse(1),
        step.isPresent() ? String.format(Locale.ROOT, "%.1f ms", step.getAsDouble()) : "none");
  }

  /** Where to go on from here. */
  static void printNext(PrintWriter err) {
    err.println();
    err.println("Next:");
    err.println(
        "  ./sparsed generate --report out.html     this as a page to play and walk through");
    err.println("  ./sparsed generate -p \"Who ...?\"         a question of yours");
    err.println(
        "  ./sparsed patterns                       which blocks every head reads, as pictures");
    err.println(
        "  ./sparsed generate -m DIR -p 8k          a checkpoint of Dream or LLaDA, and a long text");
    err.flush();
  }
}
