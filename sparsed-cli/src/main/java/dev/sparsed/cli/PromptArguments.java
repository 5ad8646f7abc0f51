package dev.sparsed.cli;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.eval.prompts.PromptSource;
import dev.sparsed.models.ModelConfig;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the model is asked. */
@InSection(OptionSection.PROMPT)
final class PromptArguments {

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "PROMPT",
      description =
          "short_context for a short question; 4k, 8k and so on for a question about a made-up text of"
              + " that many tokens (4k is 4096, chat template included); @FILE for a file's content;"
              + " - for standard input, both in UTF-8; anything else is the prompt itself (default: "
              + PromptSource.SHORT
              + ").")
  private @Nullable String prompt;

  @Option(
      names = "--prompt_text",
      paramLabel = "TEXT",
      description = "The prompt itself, whatever it looks like: for one such as 4k, - or @home.")
  private @Nullable String promptText;

  @Option(
      names = "--tokens",
      paramLabel = "ID",
      split = ",",
      description =
          "Token ids instead of a prompt, separated by commas; for checkpoints without a"
              + " tokenizer. Nothing is rendered or decoded.")
  private int @Nullable [] tokens;

  @Option(
      names = "--raw",
      description =
          "Feed the prompt as it is, without the model's chat template; else the line ends at the"
              + " end of a file or of standard input are left out.")
  private boolean raw;

  PromptSource source() {
    if (promptText != null) {
      if (prompt != null) {
        throw new BadUseException("--prompt and --prompt_text are two prompts; leave one away");
      }
      return new PromptSource.Text(promptText);
    }
    return source(prompt == null ? PromptSource.SHORT : prompt);
  }

  /** What a value of {@code --prompt} names. */
  static PromptSource source(String value) {
    try {
      return PromptSource.of(value);
    } catch (IllegalArgumentException e) {
      throw new BadUseException("--prompt: " + e.getMessage());
    }
  }

  /** The token ids that are given, each one of the model's. */
  Optional<int[]> tokens(ModelConfig config) {
    if (tokens == null) {
      return Optional.empty();
    }
    Optional<String> idle =
        prompt != null
            ? Optional.of("--prompt")
            : promptText != null
                ? Optional.of("--prompt_text")
                : raw ? Optional.of("--raw") : Optional.empty();
    if (idle.isPresent()) {
      throw new BadUseException(
          idle.get()
              + " has no meaning with --tokens, which are fed as they are; leave one of the two away");
    }
    for (int token : tokens) {
      if (token < 0 || token >= config.architecture().embeddingRows()) {
        throw new BadUseException(
            String.format(
                Locale.ROOT,
                "--tokens has %d, but the model's token ids are 0 to %d",
                token,
                config.architecture().embeddingRows() - 1));
      }
    }
    return Optional.of(tokens.clone());
  }

  boolean raw() {
    return raw;
  }
}
