package dev.sparsed.models;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.DecodingContext;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import dev.sparsed.models.internal.checkpoint.QuantizedWeights;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.Tokenizer;
import dev.sparsed.text.internal.Loggers;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A diffusion language model, loaded and ready to generate.
 *
 * <p>May be used by several threads at once: each generation has its own state and the weights are
 * only read. Generations that run at the same time share their forward passes ({@link
 * SharedPasses}), which is faster than one after the other; each gets the tokens that it gets
 * alone. Closing the model releases the weights; it waits for running generations to end.
 */
public final class DiffusionModel implements AutoCloseable {

  /** Tokens of an answer unless a request says otherwise, one decided in each step. */
  private static final int ANSWER_LENGTH = 128;

  private static final Logger LOG = Loggers.of(DiffusionModel.class);

  private final Path folder;
  private final ModelConfig config;
  private final Transformer transformer;
  private final AttentionBackend<Tensor> attention;
  private final GenerationConfig defaults;
  private final Precision precision;
  private final ComputeDevice device;
  private final SharedPasses sharedPasses;
  private final PassQueue passes;
  private final ModelLifetime lifetime;
  private final Object tokenizerLock = new Object();
  private @Nullable Tokenizer tokenizer;

  private DiffusionModel(Checkpoint checkpoint, ModelOptions options) {
    this.folder = checkpoint.folder();
    this.lifetime = new ModelLifetime(folder);
    this.config =
        checkpoint
            .config()
            .withArchitecture(options.rotary().of(checkpoint.config().architecture()));
    this.defaults = checkpoint.generationConfig();
    this.device = options.device();
    this.sharedPasses = options.sharedPasses();
    this.precision = options.precision().or(checkpoint::weightType).orElseThrow();
    this.attention = options.attention().orElseGet(() -> standardAttention(options));
    this.transformer =
        Transformer.load(
            checkpoint,
            config.architecture(),
            precision.scalarType(),
            () -> options.device().handle(),
            options.threads(),
            options.weights());
    this.passes = new PassQueue(transformer, sharedPasses);
  }

  /**
   * Loads a model from a folder. What {@link Checkpoint#verify()} has to say of it is logged as
   * warnings.
   *
   * @param folder a Hugging Face checkpoint: {@code config.json}, {@code *.safetensors}
   * @param options how to load it
   * @return the model, to be closed by the caller
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not there, not supported or
   *     broken
   */
  public static DiffusionModel load(Path folder, ModelOptions options) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return load(checkpoint, options);
    }
  }

  /**
   * Loads a model from a folder onto the processor, in the type that its weights are stored in.
   *
   * @param folder a Hugging Face checkpoint: {@code config.json}, {@code *.safetensors}
   * @return the model, to be closed by the caller
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not there, not supported or
   *     broken
   */
  public static DiffusionModel load(Path folder) {
    return load(folder, ModelOptions.DEFAULT);
  }

  /**
   * Loads a model from a folder or from the local Hugging Face cache onto the processor, in the
   * type that its weights are stored in.
   *
   * @param folderOrRepository a folder, or a repository such as {@code owner/name} that was
   *     downloaded before
   * @return the model, to be closed by the caller
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not there, not supported or
   *     broken
   */
  public static DiffusionModel load(String folderOrRepository) {
    return load(folderOrRepository, ModelOptions.DEFAULT);
  }

  /**
   * Loads a model from a folder or from the local Hugging Face cache.
   *
   * @param folderOrRepository a folder, or a repository such as {@code owner/name} that was
   *     downloaded before
   * @param options how to load it
   * @return the model, to be closed by the caller
   * @throws dev.sparsed.models.CheckpointException if the checkpoint is not there, not supported or
   *     broken
   */
  public static DiffusionModel load(String folderOrRepository, ModelOptions options) {
    try (Checkpoint checkpoint = Checkpoint.open(folderOrRepository)) {
      return load(checkpoint, options);
    }
  }

  private static DiffusionModel load(Checkpoint checkpoint, ModelOptions options) {
    checkpoint.verify().forEach(warning -> LOG.warn("{}", warning));
    QuantizedWeights.warnings(checkpoint, options.weights())
        .forEach(warning -> LOG.warn("{}", warning));
    TorchRuntime.require();
    NativeKernels.check(options);
    options.threads().ifPresent(TorchRuntime::setThreads);
    DiffusionModel model = new DiffusionModel(checkpoint, options);
    LoadLog.loaded(model.describe());
    return model;
  }

  private static KernelAttention standardAttention(ModelOptions options) {
    OptionalInt threads = options.threads();
    return threads.isPresent()
        ? KernelAttention.standard(threads.getAsInt())
        : KernelAttention.standard();
  }

  /**
   * Answers a question: {@link #ask(String)}, {@link #generate(GenerationRequest)} and {@link
   * #answer} in one.
   *
   * @param question what a user asks
   * @return the answer up to the end of the model's turn, without special tokens and without blanks
   *     around it; empty if the model ends its turn at once
   * @throws IllegalArgumentException if the question is empty
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public String chat(String question) {
    return answer(generate(ask(question).build()));
  }

  /**
   * Answers the last turn of a conversation.
   *
   * @param conversation the turns so far
   * @return the answer, as {@link #chat(String)} gives it
   * @throws IllegalArgumentException if there is no turn, or the checkpoint has no chat template
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public String chat(List<ChatMessage> conversation) {
    checkArgument(!conversation.isEmpty(), "a conversation has at least one turn");
    return answer(generate(ask(Method.SPARSED, chatFormat().conversation(conversation)).build()));
  }

  /**
   * Starts the request for the answer to a question: rendered with the chat template where there is
   * one, at most 128 tokens (whole blocks) in as many steps, decoded as the family's published demo
   * does, with SparseD where it pays off, ended where the model ends its turn.
   *
   * @param question what a user asks
   * @return the request, to be changed or built
   * @throws IllegalArgumentException if the question is empty
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public GenerationRequest.Builder ask(String question) {
    return ask(question, Method.SPARSED);
  }

  /**
   * Starts the request for the answer to a question, as {@link #ask(String)} does, with another
   * method.
   *
   * @param question what a user asks
   * @param method how to generate, such as {@code Method.parse("sparsed+dual-cache")}
   * @return the request, to be changed or built
   * @throws IllegalArgumentException if the question is empty
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public GenerationRequest.Builder ask(String question, Method method) {
    checkArgument(!question.isBlank(), "the question is empty");
    return ask(method, chatFormat().question(question));
  }

  private GenerationRequest.Builder ask(Method method, int[] prompt) {
    ModelMethods methods = methods();
    int length = methods.generationLength(method, ANSWER_LENGTH);
    return methods
        .request(method, Sampling.PUBLISHED, length, length)
        .prompt(prompt)
        .stopAt(chatFormat().ends());
  }

  /**
   * Fills the gaps of a text: {@link #fill(GapText, Method)}, {@link #generate(GenerationRequest)}
   * and {@link GapText#with} in one. Text on both sides of a gap is in the model's view.
   *
   * @param text a text such as {@code Anna lives in <gap:4>. She likes it there.}, without a chat
   *     template; a gap has room for so many tokens, and its text may be shorter
   * @return the whole text, the given parts as they were
   * @throws IllegalArgumentException if there is no gap, or the model cannot fill in
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public String infill(String text) {
    GapText gaps = GapText.parse(text);
    GenerationResult result = generate(fill(gaps, Method.SPARSED).build());
    return gaps.with(gaps.texts(result.filled(0), chatFormat()));
  }

  /**
   * Starts the request for filling the gaps of a text, in as many steps as there are tokens to fill
   * in. {@link GapText#texts} reads the result's {@link GenerationResult#filled filled} gaps.
   *
   * @param text the text
   * @param method how to generate
   * @return the request, to be changed or built
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public GenerationRequest.Builder fill(GapText text, Method method) {
    Canvas canvas = text.canvas(chatFormat());
    int open = canvas.openLength();
    return methods()
        .request(method, Sampling.PUBLISHED, open, open)
        .canvas(canvas)
        .stopAt(chatFormat().ends());
  }

  /**
   * The text of a generation's first sequence.
   *
   * @param result of a generation of this model
   * @return its text up to the end of the model's turn, without special tokens and without blanks
   *     around it
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public String answer(GenerationResult result) {
    return chatFormat().answer(result.generated(0)).strip();
  }

  /**
   * Generates.
   *
   * @param request what and how
   * @return the result
   * @throws IllegalArgumentException if the request does not fit this model
   * @throws dev.sparsed.models.decoding.Predictions.NotNumbersException if the model's values
   *     overflow or its weights are damaged
   * @throws IllegalStateException if the model is closed
   */
  public GenerationResult generate(GenerationRequest request) {
    return generate(request, GenerationListener.NONE);
  }

  /**
   * Generates and reports every step. An interruption of the calling thread ends the generation
   * like a listener's {@link GenerationListener.Reaction#STOP}; the thread stays interrupted.
   *
   * @param request what and how
   * @param listener called after every step
   * @return the result; of a cancelled generation with what was decided so far
   * @throws IllegalArgumentException if the request does not fit this model
   * @throws dev.sparsed.models.decoding.Predictions.NotNumbersException if the model's values
   *     overflow or its weights are damaged
   * @throws IllegalStateException if the model is closed
   */
  public GenerationResult generate(GenerationRequest request, GenerationListener listener) {
    DecodingPolicy decoding =
        request
            .decoding()
            .orElseGet(
                () ->
                    defaults.decoding().ofCheckpoint(request.generationLength(), request.cache()));
    CompositionRules.check(request, decoding, config());
    CompositionRules.checkPrompts(request, config());
    DecodingContext.TokenRules rules = CompositionRules.rules(request, endTokens(), config());
    request.maskWarning(config()).ifPresent(LOG::warn);
    Set<Integer> ends = request.endOfText().orElseGet(this::endTokens);
    return lifetime.whileOpen(
        () -> {
          try (GenerationPasses own = new GenerationPasses(transformer, sharedPasses, passes);
              Generation generation =
                  new Generation(
                      config,
                      transformer,
                      attention,
                      decoding,
                      rules,
                      ends,
                      request,
                      listener,
                      device,
                      own)) {
            return generation.run();
          }
        });
  }

  /**
   * The tokens that end a text or a turn of a conversation, at which generations stop unless their
   * requests say otherwise: those that the checkpoint's configuration names, and of its tokenizer's
   * added tokens those that end a turn.
   *
   * @return token ids, possibly none
   */
  public Set<Integer> endTokens() {
    return ImmutableSet.copyOf(
        Sets.difference(Set.copyOf(defaults.endTokens()), Set.of(config().maskToken())));
  }

  /**
   * How this model decodes unless a request says otherwise: as its published code does.
   *
   * @param generationLength tokens to generate
   * @return the policy
   */
  public DecodingPolicy defaultDecoding(int generationLength) {
    return defaults.decoding().ofCheckpoint(generationLength, CachePolicy.none());
  }

  /**
   * What methods such as {@code sparsed+dual-cache} mean for this model.
   *
   * @return the way from a method to a request
   */
  public ModelMethods methods() {
    return new ModelMethods(defaults.decoding());
  }

  /**
   * What the model's {@code config.json} says.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * The folder that the model was loaded from, where its tokenizer's files lie.
   *
   * @return the folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * The tokenizer beside the weights, loaded at the first call. It belongs to this model.
   *
   * @return the tokenizer
   * @throws dev.sparsed.text.TokenizerException if the folder holds none, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public Tokenizer tokenizer() {
    synchronized (tokenizerLock) {
      lifetime.requireOpen();
      if (tokenizer == null) {
        tokenizer = Tokenizer.load(folder);
      }
      return tokenizer;
    }
  }

  /**
   * How the checkpoint writes conversations.
   *
   * @return questions to tokens, tokens to answers; of use until the model is closed
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public ChatFormat chatFormat() {
    return new ChatFormat(tokenizer(), defaults.endTokens());
  }

  /**
   * What the model predicts for a sequence as it stands: one forward pass, for inspection.
   *
   * @param tokens token ids of the whole sequence, at least one
   * @param rows positions whose raw logits to return, ascending; row p predicts position p + {@link
   *     dev.sparsed.models.family.Architecture#logitShift}
   * @param patterns the pattern of each layer to attend with, on a grid [1, H, length, length];
   *     empty for full attention
   * @return logits [rows][vocabulary]
   * @throws IllegalArgumentException if tokens, rows or patterns do not fit this model
   * @throws IllegalStateException if the model is closed
   */
  public float[][] logits(int[] tokens, int[] rows, List<SparsePattern> patterns) {
    return lifetime.whileOpen(
        () -> new Inspection(transformer, attention).logits(tokens, rows, patterns));
  }

  /**
   * The model in a few numbers.
   *
   * @return the description
   * @throws IllegalStateException if the model is closed
   */
  public Description describe() {
    return lifetime.whileOpen(
        () ->
            new Description(
                config.modelClass(),
                transformer.parameters(),
                transformer.weightBytes(),
                precision,
                device,
                attention.name()));
  }

  /**
   * Releases the weights when running generations have ended, and begins no other ones. Closing
   * twice does nothing.
   *
   * @throws IllegalStateException if it is called by a listener of a generation of this model,
   *     whose end it would wait for
   */
  @Override
  public void close() {
    lifetime.close(
        () -> {
          transformer.close();
          synchronized (tokenizerLock) {
            if (tokenizer != null) {
              tokenizer.close();
            }
          }
        });
  }

  /**
   * A loaded model in a few numbers.
   *
   * @param modelClass the published name of the class, such as {@code DreamModel}
   * @param parameters number of weights
   * @param weightBytes memory of the weights
   * @param precision format of weights and activations
   * @param device where the model computes
   * @param attention name of the attention backend
   */
  public record Description(
      String modelClass,
      long parameters,
      long weightBytes,
      Precision precision,
      ComputeDevice device,
      String attention) {}
}
