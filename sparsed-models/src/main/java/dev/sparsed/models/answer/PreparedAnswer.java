package dev.sparsed.models.answer;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationProgress;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.text.Tokenizer;
import java.util.Arrays;
import java.util.function.Function;

/** A request that fits its model, ready to be generated. */
public final class PreparedAnswer {

  private final DiffusionModel model;
  private final GenerationRequest generation;
  private final AnswerText.Reading reading;
  private final Function<int[], String> decoder;
  private final int promptTokens;
  private final boolean keepsPatterns;

  /** Whether what is decided is final only when the generation ends. */
  private final boolean takesBack;

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
    this.takesBack = generation.decoding().map(DecodingPolicy::takesBack).orElse(false);
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
   * @throws dev.sparsed.models.decoding.NotNumbersException if the model's values overflow
   * @throws IllegalStateException if the model is closed
   */
  public Answer run(AnswerListener listener) {
    AnswerText text = new AnswerText(decoder, reading);
    GenerationListener steps = progress -> onStep(progress, text, listener);
    GenerationResult result = model.generate(generation, steps);
    if (takesBack && !result.cancelled()) {
      settle(result.generated(0), text, listener);
    }
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
    if (!takesBack) {
      settle(generated, text, listener);
    }
    GenerationListener.Reaction wanted =
        listener.onStep(
            new AnswerStep(
                progress, text.text(), () -> ProvisionalText.of(decoder, reading, generated)));
    boolean complete = text.ending().isPresent() && !keepsPatterns;
    return complete ? GenerationListener.Reaction.STOP : wanted;
  }

  private static void settle(int[] generated, AnswerText text, AnswerListener listener) {
    String added = text.advance(generated);
    if (!added.isEmpty()) {
      listener.onText(added);
    }
  }
}
