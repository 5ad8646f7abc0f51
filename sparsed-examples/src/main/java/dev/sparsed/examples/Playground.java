package dev.sparsed.examples;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.examples.demo.DemoCheckpoint;
import dev.sparsed.examples.prompts.LongContext;
import dev.sparsed.examples.text.CheckpointTokens;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Sparsity;
import dev.sparsed.pattern.PatternPicture;
import dev.sparsed.pattern.SparsePattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A model to play with in JShell: few words, no options. Programs use {@link DiffusionModel}, which
 * this is a thin wrapper of.
 */
public final class Playground implements AutoCloseable {

  private final DiffusionModel model;
  private final CheckpointTokens tokens;

  private Playground(Path folder) {
    this.model = DiffusionModel.load(folder, ModelOptions.DEFAULT);
    this.tokens = new CheckpointTokens(model.tokenizer(), List.of());
  }

  /**
   * The embedded demo model.
   *
   * @return a playground
   */
  public static Playground demo() {
    return new Playground(DemoCheckpoint.folder());
  }

  /**
   * A model of one's own choice.
   *
   * @param folder a checkpoint
   * @return a playground
   */
  public static Playground of(Path folder) {
    return new Playground(folder);
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
    return LongContext.question(tokens, text -> this.tokens.question(text).length).text();
  }

  /**
   * Generates 32 tokens in 32 steps and keeps the patterns.
   *
   * @param prompt what to ask
   * @param attention when and how to attend sparsely; followed whether it pays off or not
   * @return the result
   */
  public GenerationResult generate(String prompt, AttentionPolicy attention) {
    return model.generate(
        GenerationRequest.builder()
            .prompt(tokens.question(prompt))
            .generationLength(32)
            .steps(32)
            .attention(attention)
            .sparsity(Sparsity.ALWAYS)
            .keepPatterns()
            .build());
  }

  /**
   * The generated text.
   *
   * @param result of {@link #generate}
   * @return the answer
   */
  public String answer(GenerationResult result) {
    return tokens.answer(result.generated(0)).strip();
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
    PatternPicture.savePng(picture(result, layer).sheet(256), file);
  }

  private static PatternPicture picture(GenerationResult result, int layer) {
    if (result.patterns().isEmpty()) {
      throw new IllegalArgumentException("this generation used full attention throughout");
    }
    SparsePattern pattern = result.patterns().get(0).get(layer);
    return PatternPicture.of(pattern).titled("layer " + layer).generating(32);
  }

  @Override
  public void close() {
    model.close();
  }
}
