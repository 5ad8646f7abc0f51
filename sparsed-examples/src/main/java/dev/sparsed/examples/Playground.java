package dev.sparsed.examples;

import static com.google.common.base.Preconditions.checkArgument;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.eval.prompts.LongContext;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.Sparsity;
import dev.sparsed.pattern.PatternPicture;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.report.Recording;
import dev.sparsed.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A model to play with in JShell: few words, no options. Programs use {@link DiffusionModel}, which
 * this is a thin wrapper of.
 */
public final class Playground implements AutoCloseable {

  private static final int LENGTH = 32;
  private static final int MOST_REPORTS = 8;

  private final DiffusionModel model;
  private final Deque<Reported> reports = new ArrayDeque<>();

  /** A result, and what can be shown of it. */
  private record Reported(GenerationResult result, Report report) {}

  private Playground(DiffusionModel model) {
    this.model = model;
  }

  /**
   * The embedded demo model.
   *
   * @return a playground
   */
  public static Playground demo() {
    return of(DemoCheckpoint.folder());
  }

  /**
   * A model of one's own choice.
   *
   * @param folder a checkpoint
   * @return a playground
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not there, not supported or
   *     broken
   * @throws dev.sparsed.text.TokenizerException if it has no tokenizer, or a broken one
   */
  public static Playground of(Path folder) {
    DiffusionModel model = DiffusionModel.load(folder);
    try {
      model.tokenizer();
      return new Playground(model);
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /**
   * The model.
   *
   * @return the model
   */
  public DiffusionModel model() {
    return model;
  }

  /**
   * A question about a made-up text.
   *
   * @param tokens length of the prompt
   * @return the prompt
   */
  public String question(int tokens) {
    ChatFormat format = model.chatFormat();
    return LongContext.question(tokens, text -> format.question(text).length).text();
  }

  /**
   * Generates 32 tokens in 32 steps, decoding as the published demos do, and keeps the patterns,
   * where the model has such of whole sequences: not where it attends block by block.
   *
   * @param prompt what to ask
   * @param attention when and how to attend sparsely; followed whether it pays off or not
   * @return the result
   */
  public GenerationResult generate(String prompt, AttentionPolicy attention) {
    Recording recording = new Recording();
    GenerationRequest.Builder request =
        model
            .ask(prompt)
            .generationLength(LENGTH)
            .steps(LENGTH)
            .attention(attention)
            .sparsity(Sparsity.ALWAYS);
    if (model.config().architecture().causalBlock().isEmpty()) {
      request.keepPatterns();
    }
    GenerationResult result = model.generate(request.build(), recording);
    if (reports.size() == MOST_REPORTS) {
      reports.remove();
    }
    reports.add(new Reported(result, Report.of(model, recording, result)));
    return result;
  }

  /**
   * Shows a result as a page in the browser: how the text came, the time of each step, which blocks
   * each head read. Where there is no browser to open, it prints where the page is.
   *
   * @param result one of the last {@value #MOST_REPORTS} of {@link #generate}
   * @return the page, a file in the folder for temporary files
   * @throws IOException if it cannot be written
   */
  public Path report(GenerationResult result) throws IOException {
    return show(reportOf(result));
  }

  /**
   * Shows two results side by side.
   *
   * @param result one of the last {@value #MOST_REPORTS} of {@link #generate}
   * @param other another one
   * @return the page, a file in the folder for temporary files
   * @throws IOException if it cannot be written
   */
  public Path report(GenerationResult result, GenerationResult other) throws IOException {
    return show(reportOf(result).compare(reportOf(other)));
  }

  private Report reportOf(GenerationResult result) {
    return reports.stream()
        .filter(reported -> reported.result().equals(result))
        .findFirst()
        .map(Reported::report)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "only the last "
                        + MOST_REPORTS
                        + " results of this playground can be shown; generate anew"));
  }

  private static Path show(Report report) throws IOException {
    Path page = Files.createTempFile("sparsed-report-", ".html");
    report.titled("A generation").write(page);
    if (!Browser.open(page)) {
      System.out.println("Open this page in a browser: " + page.toUri());
    }
    return page;
  }

  /**
   * The generated text.
   *
   * @param result of {@link #generate}
   * @return the answer
   */
  public String answer(GenerationResult result) {
    return model.answer(result);
  }

  /**
   * Which blocks a head reads, as text.
   *
   * @param result of {@link #generate} with a sparse policy
   * @param layer index of the layer
   * @param head index of the head
   * @return the picture
   */
  public String picture(GenerationResult result, int layer, int head) {
    return picture(result, layer).text(head, 64);
  }

  /**
   * Saves which blocks all heads of a layer read.
   *
   * @param result of {@link #generate} with a sparse policy
   * @param layer index of the layer
   * @param file a PNG file
   * @throws IOException if it cannot be written
   */
  public void savePicture(GenerationResult result, int layer, Path file) throws IOException {
    picture(result, layer).sheet(256).save(file);
  }

  private static PatternPicture picture(GenerationResult result, int layer) {
    checkArgument(
        !result.patterns().isEmpty(), "this generation kept no patterns; use Playground.generate");
    List<SparsePattern> layers = result.patterns().get(0);
    checkArgument(!layers.isEmpty(), "this generation used full attention throughout");
    checkArgument(
        layer >= 0 && layer < layers.size(),
        "layer must be 0 to %s but is %s",
        layers.size() - 1,
        layer);
    return PatternPicture.of(layers.get(layer)).titled("layer " + layer).generating(LENGTH);
  }

  @Override
  public void close() {
    model.close();
  }
}
