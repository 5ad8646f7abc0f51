package dev.sparsed.models.answer;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.ModelMethods;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Answers conversations and continues texts. May be used by several threads at once.
 *
 * <p>Beyond {@link DiffusionModel#chat(String)}: text while it comes to be, stop sequences, and
 * generations that end as soon as the answer can no longer change.
 */
public final class AnswerGenerator {

  private final DiffusionModel model;

  /**
   * Answers with a model.
   *
   * @param model the model, which stays the caller's
   */
  public AnswerGenerator(DiffusionModel model) {
    this.model = model;
  }

  /**
   * Answers: {@link #prepare} and {@link PreparedAnswer#run} in one.
   *
   * @param request what and how
   * @param listener called by this thread, such as {@link AnswerListener#NONE}
   * @return the answer; of a cancelled one what could no longer change
   * @throws IllegalArgumentException as {@link #prepare} does
   * @throws dev.sparsed.text.ChatTemplateException if the template cannot be rendered
   * @throws dev.sparsed.models.decoding.Predictions.NotNumbersException if the model's values
   *     overflow
   * @throws IllegalStateException if the model is closed
   */
  public Answer answer(AnswerRequest request, AnswerListener listener) {
    return prepare(request).run(listener);
  }

  /**
   * Does everything that comes before a generation: renders and encodes the prompt, and checks that
   * the request fits the model.
   *
   * @param request what and how
   * @return what is left to do
   * @throws ForeignSettingException if the sampling says what the model's family has no use for; a
   *     top-p of 1 limits nothing and fits every family
   * @throws IllegalArgumentException if the request does not fit the model otherwise, or the
   *     checkpoint has no chat template and the conversation needs one
   * @throws dev.sparsed.text.ChatTemplateException if the template cannot be rendered
   * @throws dev.sparsed.text.TokenizerException if the folder holds no tokenizer, or a broken one
   * @throws IllegalStateException if the model is closed
   */
  public PreparedAnswer prepare(AnswerRequest request) {
    ChatFormat format = model.chatFormat();
    checkArgument(
        request.minTokens() == 0 || format.ends().length > 0,
        "at least %s tokens were asked for (minTokens), but the checkpoint names no token that ends"
            + " an answer, so that none ends before its most tokens; leave it away",
        request.minTokens());
    int[] prompt = request.prompt().tokens(format);
    ModelMethods methods = model.methods();
    Method method = request.method();
    int length = methods.generationLength(method, request.maxTokens());
    int steps = request.steps().orElseGet(() -> method.usualSteps(length));
    GenerationRequest.Builder generation =
        methods
            .request(method, fitting(request, methods), length, steps)
            .prompt(prompt)
            .stopAt(format.ends())
            .minLength(request.minTokens())
            .forbid(model.config().maskToken()) // A mask that stays would hold back all after it.
            .sparsity(request.sparsity())
            .seed(request.seed());
    GenerationRequest built =
        (request.keepsPatterns() ? generation.keepPatterns() : generation).build();
    built.requireFitFor(model.config());
    return new PreparedAnswer(model, request, built, format, prompt.length);
  }

  /** Without a top-p that limits nothing, where the family knows none. */
  private static Sampling fitting(AnswerRequest request, ModelMethods methods) {
    Sampling asked = request.sampling();
    try {
      methods.settings(request.method(), asked);
      return asked;
    } catch (ForeignSettingException e) {
      if (asked.topP().orElse(0) != 1) {
        throw e;
      }
      return new Sampling(
          asked.algorithm(),
          asked.temperature(),
          OptionalDouble.empty(),
          asked.topK(),
          asked.algorithmTemperature(),
          asked.guidance());
    }
  }

  /** A request that fits its model, ready to be generated. */
  public static final class PreparedAnswer {

    private final DiffusionModel model;
    private final GenerationRequest generation;
    private final AnswerText.Reading reading;
    private final Function<int[], String> decoder;
    private final int promptTokens;
    private final boolean keepsPatterns;

    PreparedAnswer(
        DiffusionModel model,
        AnswerRequest request,
        GenerationRequest generation,
        ChatFormat format,
        int promptTokens) {
      this.model = model;
      this.generation = generation;
      this.promptTokens = promptTokens;
      this.keepsPatterns = request.keepsPatterns();
      Tokenizer tokenizer = model.tokenizer();
      this.decoder = tokens -> tokenizer.decode(tokens, true);
      this.reading =
          new AnswerText.Reading(
              model.config().maskToken(),
              ImmutableSet.copyOf(Ints.asList(format.ends())),
              request.maxTokens(),
              request.stopSequences(),
              request.prompt().isConversation());
    }

    /**
     * What the model is given.
     *
     * @return tokens of the prompt
     */
    public int promptTokens() {
      return promptTokens;
    }

    /**
     * What the model works on.
     *
     * @return tokens of the prompt and of the generation together
     */
    public int positions() {
      return generation.longestSequence();
    }

    /**
     * Generates, and tells what there is of the answer after every step. An interruption of the
     * calling thread ends the answer as the listener's {@code STOP} does; the thread stays
     * interrupted.
     *
     * @param listener called by this thread
     * @return the answer; of a cancelled one what could no longer change
     * @throws dev.sparsed.models.decoding.Predictions.NotNumbersException if the model's values
     *     overflow
     * @throws IllegalStateException if the model is closed
     */
    public Answer run(AnswerListener listener) {
      AnswerText text = new AnswerText(decoder, reading);
      GenerationListener steps = progress -> onStep(progress, text, listener);
      GenerationResult result = model.generate(generation, steps);
      return new Answer(
          text.text(),
          promptTokens,
          text.tokens(),
          text.ending().orElse(Answer.Ending.CANCELLED),
          result);
    }

    private GenerationListener.Reaction onStep(
        GenerationProgress progress, AnswerText text, AnswerListener listener) {
      int[] sequence = progress.sequences().get(0);
      int[] generated = Arrays.copyOfRange(sequence, promptTokens, sequence.length);
      settle(settled(generated, progress), text, listener);
      GenerationListener.Reaction wanted =
          listener.onStep(
              new AnswerListener.AnswerStep(
                  progress, text.text(), () -> ProvisionalText.of(decoder, reading, generated)));
      boolean complete = text.ending().isPresent() && !keepsPatterns;
      return complete ? GenerationListener.Reaction.STOP : wanted;
    }

    /** The tokens after the prompt, with masks for those that may still change. */
    private int[] settled(int[] generated, GenerationProgress progress) {
      int settled = Math.max(0, progress.settled().get(0) - promptTokens);
      if (settled >= generated.length) {
        return generated;
      }
      int[] tokens = generated.clone();
      Arrays.fill(tokens, settled, tokens.length, reading.mask());
      return tokens;
    }

    private static void settle(int[] generated, AnswerText text, AnswerListener listener) {
      String added = text.advance(generated);
      if (!added.isEmpty()) {
        listener.onText(added);
      }
    }
  }
}
