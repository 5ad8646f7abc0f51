package dev.sparsed.cli;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.text.internal.Quoted;
import java.util.List;
import picocli.CommandLine.Option;

/** Which tokens an answer must not hold. */
@InSection(OptionSection.TOKENS)
final class TokenRuleArguments {

  private static final String MASK = "mask";

  @Option(
      names = "--forbid_tokens",
      paramLabel = "ID",
      split = ",",
      description =
          "Tokens that are never written, by id with commas between them; mask is the model's own"
              + " mask token, which some models predict, so that positions stay open (default:"
              + " none).")
  private List<String> forbidden = List.of();

  @Option(
      names = "--min_length",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Tokens of the answer before its first end of text (default: ${DEFAULT-VALUE}).")
  private int minLength;

  /** Adds the rules to a request, given the tokens that end a text. */
  void addTo(GenerationRequest.Builder request, ModelConfig config, int[] ends) {
    request.forbid(forbidden.stream().mapToInt(name -> token(name, config)).toArray());
    try {
      request.minLength(minLength, ends);
    } catch (IllegalArgumentException e) {
      throw new BadUseException("--min_length: " + e.getMessage());
    }
  }

  private static int token(String name, ModelConfig config) {
    if (name.trim().equals(MASK)) {
      return config.maskToken();
    }
    try {
      return Integer.parseInt(name.trim());
    } catch (NumberFormatException e) {
      throw new BadUseException(
          "--forbid_tokens takes ids of tokens or mask, with commas between them, but not "
              + Quoted.of(name));
    }
  }
}
