package dev.sparsed.cli;

import dev.sparsed.cli.options.InSection;
import dev.sparsed.cli.options.OptionSection;
import dev.sparsed.eval.prompts.PromptSource;
import dev.sparsed.models.GapText;
import dev.sparsed.models.ModelConfig;
import java.io.IOException;
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
      names = "--infill",
      paramLabel = "TEXT",
      description =
          "A text with gaps instead of a prompt, such as 'Anna lives in <gap:4>. She likes it there.': in"
              + " each gap at most so many tokens are filled in, with the text on both sides in"
              + " view. @FILE and - as with --prompt. Without chat template; one step per token"
              + " unless --steps says otherwise.")
  private @Nullable String infill;

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

  /** The text with gaps that is given. */
  Optional<GapText> gaps() throws IOException {
    if (infill == null) {
      return Optional.empty();
    }
    Optional<String> other = tokens != null ? Optional.of("--tokens") : promptOption();
    if (other.isPresent()) {
      throw new BadUseException(
          other.get() + " has no meaning with --infill, which is the text itself; leave one away");
    }
    boolean isRead = infill.equals("-") || infill.startsWith("@");
    PromptSource source = isRead ? PromptSource.of(infill) : new PromptSource.Text(infill);
    String text = source.read(unread -> 0, System.in).text();
    try {
      return Optional.of(GapText.parse(text));
    } catch (IllegalArgumentException e) {
      throw new BadUseException("--infill: " + e.getMessage());
    }
  }

  /** Refuses a text with gaps, where a command generates after a prompt only. */
  void refuseGaps() {
    if (infill != null) {
      throw new BadUseException(
          "--infill has no meaning for benchmarks, which generate after a prompt; leave it away");
    }
  }

  /** An option that is about a prompt as text. */
  private Optional<String> promptOption() {
    if (prompt != null) {
      return Optional.of("--prompt");
    }
    if (promptText != null) {
      return Optional.of("--prompt_text");
    }
    return raw ? Optional.of("--raw") : Optional.empty();
  }

  /** The token ids that are given, each one of the model's. */
  Optional<int[]> tokens(ModelConfig config) {
    if (tokens == null) {
      return Optional.empty();
    }
    Optional<String> idle = promptOption();
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
