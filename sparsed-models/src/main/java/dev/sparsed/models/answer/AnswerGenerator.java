package dev.sparsed.models.answer;

import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.ModelMethods;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import java.util.OptionalDouble;

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
   * @throws dev.sparsed.models.decoding.NotNumbersException if the model's values overflow
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
}
