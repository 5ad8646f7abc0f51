package dev.sparsed.demo;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.sparsed.demo.exam.ExamTask;
import dev.sparsed.models.CheckpointException;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.internal.checkpoint.CheckpointWriter;
import dev.sparsed.models.internal.checkpoint.TensorShape;
import dev.sparsed.models.internal.checkpoint.TensorSource;
import dev.sparsed.models.internal.checkpoint.TensorType;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains the demo model by masked diffusion (LLaDA, arXiv 2502.09992) with LibTorch's gradients.
 *
 * <p>A training lives in a folder ({@link TrainingFolder}). Where the process ends, the next one
 * goes on from what was saved last as if nothing had happened. One recipe gives one checkpoint per
 * machine, with any number of threads.
 */
public final class DemoTraining {

  /** Folder in a checkpoint's for what is being written to it. */
  private static final String PART = "export.partial";

  private static final String COMPLETE = "config.json";
  private static final int REPORT_EVERY = 10;
  private static final double LARGEST_GRADIENT = 1.0;

  private final TrainingFolder folder;
  private final DemoRecipe recipe;
  private final TextSource texts;
  private final DemoNetwork network;
  private final DemoGradients gradients;
  private final DemoOptimizer optimizer;
  private final int threads;
  private final long begun = System.nanoTime();
  private int step;
  private long tokens;
  private double losses;
  private int unreported;

  /**
   * Begins a training, or takes up the one that the folder holds.
   *
   * @param folder of the training
   * @param threads processor threads, at least 1; the weights do not depend on how many
   * @throws IOException if the folder cannot be read
   */
  public DemoTraining(TrainingFolder folder, int threads) throws IOException {
    TorchRuntime.require();
    // Threads compute texts of their own, which leaves little to wait for.
    TorchRuntime.setThreads(1);
    this.threads = threads;
    this.folder = folder;
    this.recipe = folder.recipe();
    this.texts = new TextSource(recipe);
    DemoShape shape = recipe.shape();
    this.network =
        new DemoNetwork(shape, DemoStart.parameters(shape, texts.encoding(), recipe.seed()));
    this.gradients = new DemoGradients(network);
    this.optimizer = new DemoOptimizer(network.parameters());
    TrainingFolder.Progress progress = folder.load(state());
    this.step = progress.step();
    this.tokens = progress.tokens();
  }

  /**
   * Trains to the recipe's end. What was done is saved every few minutes.
   *
   * @param listener learns how it goes
   * @throws IOException if the state or the log cannot be written
   * @throws InterruptedException if the calling thread is interrupted; the steps that were finished
   *     are saved and logged, and nothing is computed any more
   */
  public void train(Consumer<TrainingReport> listener) throws IOException, InterruptedException {
    try (TrainingThreads workers = new TrainingThreads(threads)) {
      train(listener, workers);
    } catch (InterruptedException e) {
      if (unreported > 0) {
        record(recipe.place(step - 1).stage(), ImmutableMap.of());
      }
      throw e;
    }
  }

  private void train(Consumer<TrainingReport> listener, TrainingThreads workers)
      throws IOException, InterruptedException {
    int total = recipe.totalSteps();
    while (step < total) {
      DemoRecipe.Place place = recipe.place(step);
      step(place, workers);
      boolean end = place.last() || step == total;
      if (step % REPORT_EVERY == 0 || end) {
        boolean asks = step % recipe.examEvery() == 0 || end;
        listener.accept(
            record(place.stage(), asks ? exam(place.stage(), workers) : ImmutableMap.of()));
      }
    }
  }

  /** Saves and logs what was done since the last time. */
  private TrainingReport record(DemoRecipe.Stage stage, ImmutableMap<String, Double> right)
      throws IOException {
    double seconds = (System.nanoTime() - begun) / 1e9;
    TrainingReport report =
        new TrainingReport(
            step, recipe.totalSteps(), stage.name(), tokens, seconds, losses / unreported, right);
    folder.save(new TrainingFolder.Progress(step, tokens), state());
    folder.log(report);
    losses = 0;
    unreported = 0;
    return report;
  }

  /**
   * Writes the model as it stands. The folder holds all of it or, if that fails, none.
   *
   * @param checkpoint the checkpoint's folder; must hold neither a model nor a tokenizer yet
   * @throws CheckpointException if the folder cannot take the checkpoint
   * @throws IOException if a file cannot be written
   */
  public void export(Path checkpoint) throws IOException {
    requireFreshFolder(checkpoint);
    Path part = checkpoint.resolve(PART);
    // Left by a process that was killed.
    delete(part);
    try {
      Files.createDirectories(part);
      texts.encoding().write(part);
      new CheckpointWriter(part).write(config(), tensors());
      move(part, checkpoint);
    } finally {
      delete(part);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /** Moves the files of a folder, the one that makes a checkpoint complete last. */
  private static void move(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(from)) {
      files = listed.sorted(Comparator.comparing(file -> file.endsWith(COMPLETE))).toList();
    }
    for (Path file : files) {
      Files.move(file, to.resolve(from.relativize(file)));
    }
  }

  /**
   * Checks that a folder can take a checkpoint, and creates it where it is missing.
   *
   * @param checkpoint the checkpoint's folder
   * @throws CheckpointException if it holds a model or a tokenizer, or cannot be written to
   */
  public static void requireFreshFolder(Path checkpoint) {
    new CheckpointWriter(checkpoint).requireFreshFolder();
    for (Path file : Tokenizer.files(checkpoint)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s is there already; choose another folder or remove the tokenizer in it",
              file));
    }
  }

  /** One step; its texts depend on the seed and the number of the step alone. */
  @SuppressWarnings("try") // A PointerScope works by being open.
  private void step(DemoRecipe.Place place, TrainingThreads workers) throws InterruptedException {
    try (PointerScope scope = new PointerScope()) {
      DemoBatch batch = texts.batch(place.stage(), step);
      double loss = gradients.compute(batch, workers);
      try (NoGradGuard noGradient = new NoGradGuard()) {
        Map<String, Tensor> parameters = network.parameters();
        TensorVector all = new TensorVector(parameters.values().toArray(new Tensor[0]));
        torch.clip_grad_norm_(all, LARGEST_GRADIENT);
        optimizer.step(step, place.rate());
      }
      tokens += batch.tokens().length;
      step++;
      losses += loss;
      unreported++;
    }
  }

  private ImmutableMap<String, Double> exam(DemoRecipe.Stage stage, TrainingThreads workers)
      throws InterruptedException {
    DemoExam exam = new DemoExam(texts, network);
    ImmutableMap.Builder<String, Double> right = ImmutableMap.builder();
    for (ExamTask task : ExamTask.values()) {
      right.put(
          task.label() + "_" + stage.examLength(),
          exam.rightShare(task, stage.examLength(), recipe.examQuestions(), workers));
    }
    return right.build();
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(network.parameters());
    state.putAll(optimizer.state());
    return state;
  }

  /** A small LLaDA. */
  private ModelConfig config() {
    DemoShape shape = recipe.shape();
    DemoTokenizer encoding = texts.encoding();
    OptionalInt end = OptionalInt.of(encoding.specialToken(DemoTokenizer.END_OF_TEXT));
    ModelConfig published = ModelConfig.of(ModelTemplate.of("llada-8b"));
    Architecture large = published.architecture();
    return published
        .withArchitecture(
            large.toBuilder()
                .vocabulary(encoding.size())
                .maxPositions(DemoShape.MOST_POSITIONS)
                .layers(shape.layers())
                .widths(shape.width(), shape.mlpWidth())
                .heads(shape.heads(), shape.heads())
                .normEpsilon(DemoShape.NORM_EPSILON)
                .rotary(Rotary.of(shape.rotaryBase()).in(large.rotary().precision()))
                .tiedHead(true)
                .build())
        .withTokens(
            new ModelTokens(
                encoding.specialToken(DemoTokenizer.MASK), end, OptionalInt.empty(), end));
  }

  private List<TensorSource> tensors() {
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
