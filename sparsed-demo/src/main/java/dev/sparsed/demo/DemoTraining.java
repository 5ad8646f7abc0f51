package dev.sparsed.demo;

import dev.sparsed.demo.DemoNetwork.RotaryAngles;
import dev.sparsed.models.checkpoint.CheckpointException;
import dev.sparsed.models.checkpoint.CheckpointWriter;
import dev.sparsed.models.checkpoint.ModelConfig;
import dev.sparsed.models.checkpoint.TensorShape;
import dev.sparsed.models.checkpoint.TensorSource;
import dev.sparsed.models.checkpoint.TensorType;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains the demo model by masked diffusion (LLaDA, arXiv 2502.09992) with LibTorch's gradients.
 * One recipe gives one checkpoint per machine and thread count.
 */
public final class DemoTraining {

  private static final int MOST_POSITIONS = 4096;
  private static final int REPORT_EVERY = 100;
  private static final double WEIGHT_DECAY = 0.01;
  private static final double LARGEST_GRADIENT = 1.0;

  private final DemoRecipe recipe;
  private final int threads;

  /** Learns how training goes. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Called now and then.
     *
     * @param step steps done
     * @param totalSteps steps in all
     * @param loss smoothed loss per masked token, in nats
     * @param rightShare share of new questions that are answered right, 0 to 1
     */
    void report(int step, int totalSteps, double loss, double rightShare);
  }

  /**
   * Prepares a training.
   *
   * @param recipe what is done
   * @param threads processor threads, at least 1
   */
  public DemoTraining(DemoRecipe recipe, int threads) {
    this.recipe = recipe;
    this.threads = threads;
  }

  /**
   * Checks that the folder can take the checkpoint, and creates it where it is missing.
   *
   * @param folder the checkpoint's folder
   * @throws CheckpointException if it holds a model or a tokenizer, or cannot be written to
   */
  public static void requireFreshFolder(Path folder) {
    new CheckpointWriter(folder).requireFreshFolder();
    for (Path file : Tokenizer.files(folder)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is there already; choose another folder or remove the tokenizer in it",
              file));
    }
  }

  /**
   * Trains and writes the checkpoint, of which nothing is in the folder before the training is
   * done.
   *
   * @param folder the checkpoint's folder; must hold neither a model nor a tokenizer yet
   * @param listener learns how it goes
   * @return share of new questions that are answered right at the end, 0 to 1
   * @throws CheckpointException before the training if the folder cannot take the checkpoint
   * @throws IOException if a file cannot be written
   */
  public double train(Path folder, Listener listener) throws IOException {
    requireFreshFolder(folder);
    TorchRuntime.require();
    TorchRuntime.setThreads(threads);
    torch.manual_seed(recipe.seed());
    DemoTokenizer encoding = DemoTokenizer.learn(recipe.seed());
    DemoShape shape = DemoShape.of(encoding.size());
    try (Tokenizer tokenizer = encoding.load()) {
      DemoTexts texts = new DemoTexts(tokenizer, encoding, new Random(recipe.seed()));
      DemoNetwork network = new DemoNetwork(shape);
      double right = train(network, shape, texts, new DemoExam(texts, encoding), listener);
      encoding.write(folder);
      new CheckpointWriter(folder).write(config(shape, encoding), tensors(network));
      return right;
    }
  }

  private double train(
      DemoNetwork network, DemoShape shape, DemoTexts texts, DemoExam exam, Listener listener) {
    RotaryAngles rotary = new RotaryAngles(MOST_POSITIONS, shape.headDimension());
    TensorVector parameters =
        new TensorVector(network.parameters().values().toArray(new Tensor[0]));
    AdamWOptions options = new AdamWOptions(recipe.peakRate());
    options.weight_decay().put(WEIGHT_DECAY);
    AdamW optimizer = new AdamW(parameters, options);
    int step = 0;
    double smoothed = Double.NaN;
    double right = 0;
    for (DemoRecipe.Stage stage : recipe.stages()) {
      for (int i = 0; i < stage.steps(); i++) {
        double loss = step(network, rotary, texts, stage, optimizer, parameters, step++);
        smoothed = Double.isNaN(smoothed) ? loss : 0.98 * smoothed + 0.02 * loss;
        if (step % REPORT_EVERY == 0 || step == recipe.totalSteps()) {
          right = exam.rightShare(network, rotary, stage);
          listener.report(step, recipe.totalSteps(), smoothed, right);
        }
      }
    }
    return right;
  }

  @SuppressWarnings("try")
  private double step(
      DemoNetwork network,
      RotaryAngles rotary,
      DemoTexts texts,
      DemoRecipe.Stage stage,
      AdamW optimizer,
      TensorVector parameters,
      int step) {
    try (PointerScope scope = new PointerScope()) {
      optimizer.param_groups().get(0).options().set_lr(recipe.rate(step));
      DemoBatch batch = step % 2 == 0 ? texts.chat(stage) : texts.retelling(stage);
      Tensor logits = network.logits(batch.tokens(), batch.places(), rotary);
      Tensor losses =
          torch.cross_entropy_loss(logits, batch.targets(), new TensorOptional(), 0, -100, 0.0);
      Tensor loss = losses.mul(batch.weights()).sum().div(batch.weights().sum());
      optimizer.zero_grad();
      loss.backward();
      torch.clip_grad_norm_(parameters, LARGEST_GRADIENT);
      optimizer.step();
      return loss.item_float();
    }
  }

  /** A small LLaDA. */
  private static ModelConfig config(DemoShape shape, DemoTokenizer encoding) {
    OptionalInt end = OptionalInt.of(encoding.specialToken(DemoTokenizer.END_OF_TEXT));
    ModelConfig published = ModelConfig.of(ModelTemplate.of("llada-8b"));
    Architecture large = published.architecture();
    return published
        .withArchitecture(
            large.toBuilder()
                .vocabulary(shape.vocabulary())
                .maxPositions(MOST_POSITIONS)
                .layers(shape.layers())
                .widths(shape.width(), shape.mlpWidth())
                .heads(shape.heads(), shape.heads())
                .normEpsilon(DemoShape.NORM_EPSILON)
                .rotary(Rotary.of(DemoShape.ROPE_THETA).in(large.rotary().precision()))
                .tiedHead(true)
                .build())
        .withTokens(
            new ModelTokens(
                encoding.specialToken(DemoTokenizer.MASK), end, OptionalInt.empty(), end));
  }

  private static List<TensorSource> tensors(DemoNetwork network) {
    List<TensorSource> tensors = new ArrayList<>();
    network
        .parameters()
        .forEach(
            (name, tensor) -> {
              float[] values = new float[Math.toIntExact(tensor.numel())];
              tensor.detach().data_ptr_float().get(values);
              tensors.add(
                  TensorSource.of(
                      name, TensorShape.of(tensor.sizes().vec().get()), TensorType.BF16, values));
            });
    return tensors;
  }
}
