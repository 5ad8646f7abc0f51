package dev.sparsed.cli;

import dev.sparsed.cli.options.SamplingArguments;
import dev.sparsed.models.GapText;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.ModelMethods;
import dev.sparsed.models.internal.checkpoint.GenerationConfig;
import dev.sparsed.models.method.ForeignSettingException;
import dev.sparsed.models.method.Method;
import java.util.function.Supplier;

/** What the commands that generate ask of a model, but for the prompt. */
record MethodRequest(
    GenerationConfig defaults, DecodingArguments decoding, SamplingArguments sampling) {

  /**
   * A request with a method, which is judged before weights are loaded.
   *
   * @param method gives the method, or says what is wrong with its options
   * @throws BadUseException if the options do not go together or with the model
   */
  GenerationRequest.Builder of(Supplier<Method> method) {
    return of(method, decoding.generationLength(), DecodingArguments.PUBLISHED_STEPS);
  }

  /**
   * A request that fills the gaps of a text, one token in each step unless something else is asked
   * for.
   *
   * @param method gives the method, or says what is wrong with its options
   * @param gaps the text
   * @throws BadUseException if the options do not go together or with the model
   */
  GenerationRequest.Builder filling(Supplier<Method> method, GapText gaps) {
    decoding.refuseLength("--infill");
    int open = gaps.openLength();
    return of(method, open, open);
  }

  private GenerationRequest.Builder of(Supplier<Method> method, int length, int usualSteps) {
    decoding.check();
    try {
      Method asked = method.get();
      ModelMethods methods = new ModelMethods(defaults.decoding());
      boolean usual =
          asked.decoding().threshold().isEmpty() && fits(methods, asked, length, usualSteps);
      int steps = usual ? usualSteps : asked.usualSteps(length);
      return methods
          .request(asked, sampling.sampling(), length, decoding.steps().orElse(steps))
          .seed(decoding.seed());
    } catch (ForeignSettingException e) {
      throw new BadUseException("--" + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new BadUseException(e);
    }
  }

  /** Whether each block gets as many of the steps. */
  private static boolean fits(ModelMethods methods, Method method, int length, int steps) {
    int block = methods.blockLength(method).orElse(length);
    return block < 1 || length < block || length % block != 0 || steps % (length / block) == 0;
  }
}
