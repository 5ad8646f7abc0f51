package dev.sparsed.eval.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.primitives.Ints;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.ModelMethods;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.SharedPasses;
import dev.sparsed.models.Sparsity;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.CheckpointLocator;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import dev.sparsed.models.method.Method;
import dev.sparsed.text.ChatTemplateException;
import dev.sparsed.text.TokenizerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model in a checkpoint folder. Tokenizer and weights are read when they are first needed.
 * Several threads may ask for answers at once.
 */
public final class CheckpointModel implements EvalModel {

  private final Path folder;
  private final String name;
  private final ModelOptions options;
  private final ModelConfig config;
  private final GenerationConfig defaults;
  private final ModelMethods methods;
  private @Nullable CheckpointText text;
  private @Nullable DiffusionModel model;
  private boolean textIsMissing;

  private CheckpointModel(Path folder, String name, ModelOptions options) {
    this.folder = folder;
    this.name = name;
    this.options = options;
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      this.config = checkpoint.config();
      this.defaults = checkpoint.generationConfig();
    }
    this.methods = new ModelMethods(defaults.decoding());
  }

  /**
   * Opens the model of a folder or repository.
   *
   * @param folderOrRepository a folder, or a repository such as {@code owner/name} that was
   *     downloaded before
   * @param options how to load it
   * @return the model; weights are loaded when they are first needed
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not there, not supported or
   *     broken
   */
  public static CheckpointModel open(String folderOrRepository, ModelOptions options) {
    Path located = CheckpointLocator.ofEnvironment().locate(folderOrRepository);
    boolean isFolder = Files.isDirectory(Path.of(folderOrRepository));
    String shown =
        isFolder
            ? String.valueOf(located.toAbsolutePath().normalize().getFileName())
            : folderOrRepository;
    return open(located, shown, options);
  }

  /**
   * Opens the model of a folder.
   *
   * @param folder the folder
   * @param name what reports call the model
   * @param options how to load it
   * @return the model; weights are loaded when they are first needed
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not supported or broken
   */
  public static CheckpointModel open(Path folder, String name, ModelOptions options) {
    return new CheckpointModel(folder, name, options);
  }

  @Override
  public ImmutableMap<String, String> identity() {
    ImmutableMap.Builder<String, String> identity = ImmutableMap.builder();
    identity
        .put("model", name)
        .put("checkpoint", fingerprint())
        .put("dtype", options.precision().map(Precision::toString).orElse("as stored"))
        .put("device", options.device().toString());
    if (!options.weights().equals(WeightScheme.AS_STORED)) {
      identity.put("weights", options.weights().toString());
    }
    ModelOptions.RotaryChange rotary = options.rotary();
    if (rotary.base().isPresent()) {
      identity.put("rotary_base", String.valueOf(rotary.base().getAsDouble()));
    }
    if (rotary.factor() != 1) {
      identity.put("rotary_factor", String.valueOf(rotary.factor()));
    }
    return identity.buildOrThrow();
  }

  /** Hashes the configuration and the names and sizes of the weight files, not the weights. */
  private String fingerprint() {
    Hasher hasher = Hashing.sha256().newHasher();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String fileName = String.valueOf(file.getFileName());
        if (fileName.endsWith(".safetensors")) {
          hasher.putString(fileName, StandardCharsets.UTF_8).putLong(Files.size(file));
        } else if (fileName.endsWith(".json") || fileName.endsWith(".jinja")) {
          hasher.putString(fileName, StandardCharsets.UTF_8);
          hasher.putBytes(MoreFiles.asByteSource(file).read());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return hasher.hash().toString().substring(0, 16);
  }

  private synchronized CheckpointText text() {
    if (text == null) {
      text = new CheckpointText(folder, defaults.endTokens());
    }
    return text;
  }

  private synchronized DiffusionModel model() {
    if (model == null) {
      // Predictions do not depend on batches.
      SharedPasses exact = options.sharedPasses().withMode(SharedPasses.BatchMode.EXACT);
      model = DiffusionModel.load(folder, options.withSharedPasses(exact));
    }
    return model;
  }

  @Override
  public String describe(Method method) {
    return methods.description(method);
  }

  @Override
  public Map<String, String> settings(MethodUse use) {
    return methods.settings(use.method(), use.sampling());
  }

  @Override
  public int generationLength(Method method, int wanted) {
    return methods.generationLength(method, wanted);
  }

  @Override
  public int tokens(TaskPrompt prompt, boolean chatTemplate) {
    return text().length(prompt, chatTemplate);
  }

  @Override
  public int trainedPositions() {
    return config.architecture().maxPositions();
  }

  @Override
  public int check(Question question, TaskPrompt prompt, int length) {
    GenerationRequest request;
    try {
      GenerationRequest.Builder builder = request(question, prompt, length, 0);
      text().addTo(builder, prompt, question.chatTemplate());
      request = builder.build();
    } catch (ChatTemplateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    request.requireFitFor(config);
    return request.longestSequence();
  }

  @Override
  public void check(MethodUse use, SpeedCase speedCase) {
    speedRequest(use, speedCase, 0).requireFitFor(config);
  }

  @Override
  public Answers answer(
      Question question, ImmutableList<TaskPrompt> prompts, int length, long seed) {
    GenerationRequest.Builder request = request(question, prompts.get(0), length, seed);
    for (TaskPrompt prompt : prompts) {
      text().addTo(request, prompt, question.chatTemplate());
    }
    GenerationResult result = model().generate(request.build());
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    int tokens = 0;
    int positions = 0;
    for (int prompt = 0; prompt < prompts.size(); prompt++) {
      texts.add(text().answer(prompts.get(prompt), result.filled(prompt)));
      for (int[] gap : result.filled(prompt)) {
        tokens += text().length(gap);
      }
      positions += result.generated(prompt).length;
    }
    return new Answers(
        texts.build(),
        tokens,
        positions,
        result.forwardPasses(),
        committed(question.use(), result),
        result.time().toNanos() / 1e9,
        result.memory().peakDeviceBytes());
  }

  /** A stop at an end of text fills what comes after it, which no step committed. */
  private static OptionalInt committed(MethodUse use, GenerationResult result) {
    if (use.earlyStop()) {
      return OptionalInt.empty();
    }
    int committed = 0;
    for (int sequence = 0; sequence < result.sequences().size(); sequence++) {
      committed += result.generated(sequence).length - result.openPositions().get(sequence);
    }
    return OptionalInt.of(committed);
  }

  @Override
  public SpeedSample time(MethodUse use, SpeedCase speedCase, long seed) {
    GenerationRequest request = speedRequest(use, speedCase, seed);
    List<SpeedSample.Step> steps = new ArrayList<>();
    GenerationResult result =
        model()
            .generate(
                request,
                progress -> {
                  if (progress.ran()) {
                    steps.add(
                        new SpeedSample.Step(phase(progress), progress.time().toNanos() / 1e9));
                  }
                  return GenerationListener.Reaction.CONTINUE;
                });
    int positions = result.generated(0).length;
    boolean unfollowed =
        !use.method().attention().equals(Method.FULL.attention()) && !result.sparsity().sparse();
    return new SpeedSample(
        result.time().toNanos() / 1e9,
        hasText() ? text().length(result.generated(0)) : positions,
        positions,
        committed(use, result),
        ImmutableList.copyOf(steps),
        result.memory().peakDeviceBytes(),
        unfollowed ? "attention was full: " + result.sparsity().reason() : "");
  }

  private GenerationRequest speedRequest(MethodUse use, SpeedCase speedCase, long seed) {
    return request(use, speedCase.generation(), OptionalInt.of(speedCase.steps()), seed)
        .prompt(speedPrompt(speedCase.context()))
        .build();
  }

  /**
   * A request without prompts. Sparse methods are sparse whether that pays off or not: an
   * evaluation must measure what it names.
   */
  private GenerationRequest.Builder request(
      MethodUse use, int wanted, OptionalInt steps, long seed) {
    return exactly(use, methods.generationLength(use.method(), wanted), steps, seed);
  }

  /** Gaps have the length that they have; answers are whole blocks. */
  private GenerationRequest.Builder request(
      Question question, TaskPrompt first, int wanted, long seed) {
    return first.gaps().isPresent()
        ? exactly(question.use(), wanted, question.steps(), seed)
        : request(question.use(), wanted, question.steps(), seed);
  }

  private GenerationRequest.Builder exactly(
      MethodUse use, int length, OptionalInt steps, long seed) {
    GenerationRequest.Builder request =
        methods
            .request(
                use.method(), use.sampling(), length, steps.orElse(use.method().usualSteps(length)))
            .sparsity(Sparsity.ALWAYS)
            .seed(seed);
    return request.stopAt(use.earlyStop() ? Ints.toArray(ends()) : new int[0]);
  }

  private Collection<Integer> ends() {
    Collection<Integer> ends = hasText() ? text().ends() : defaults.endTokens();
    checkArgument(
        !ends.isEmpty(),
        "an early stop needs a token that ends a text, but the checkpoint names none");
    return ends;
  }

  /**
   * A step that feeds only a part of each sequence takes another time than one of the same phase.
   */
  private static String phase(GenerationProgress progress) {
    String phase = Ascii.toLowerCase(progress.phase().name()).replace('_', '-');
    return progress.cache().feedsAll() ? phase : phase + "-cached";
  }

  /** Running text where there is a tokenizer, else random tokens; always the same. */
  private int[] speedPrompt(int length) {
    if (hasText()) {
      return SpeedPrompts.text(text()::encode, length);
    }
    Random random = new Random(length);
    int[] tokens = new int[length];
    for (int at = 0; at < length; at++) {
      do {
        tokens[at] = random.nextInt(config.architecture().vocabularySize());
      } while (tokens[at] == config.maskToken());
    }
    return tokens;
  }

  private synchronized boolean hasText() {
    if (textIsMissing) {
      return false;
    }
    try {
      text();
      return true;
    } catch (TokenizerException e) {
      textIsMissing = true;
      return false;
    }
  }

  @Override
  public String endOfText(boolean earlyStop) {
    String length =
        earlyStop ? "Generations end with their texts. " : "Generations run to their full length. ";
    return hasText()
        ? length
            + "Tokens per second count the tokens up to the first end of text, that one included;"
            + " the JSON's positions_per_second counts all of them."
        : "The checkpoint has no tokenizer: the prompt is random, and all generated tokens count.";
  }

  @Override
  public synchronized void close() {
    if (model != null) {
      model.close();
      model = null;
    }
    if (text != null) {
      text.close();
      text = null;
    }
  }
}
