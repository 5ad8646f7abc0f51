package dev.sparsed.eval.prompts;

import dev.sparsed.internal.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where a prompt comes from, as the command line's {@code --prompt} names it. */
public sealed interface PromptSource {

  /** The name of the short question. */
  String SHORT = "short_context";

  /** Bytes of a file or of standard input that are read at most. */
  int MOST_BYTES = 1 << 26;

  /**
   * Reads the value of {@code --prompt}.
   *
   * @param value {@code short_context}, a length such as {@code 4k} for 4096 tokens, {@code @file},
   *     {@code -} for standard input, or the prompt itself
   * @return the source
   * @throws IllegalArgumentException if it is a length that is out of range
   */
  static PromptSource of(String value) {
    if (value.equals(SHORT)) {
      return new ShortQuestion();
    }
    if (value.matches("\\d+[kK]")) {
      return new LongQuestion(TokenLengths.parse(value));
    }
    if (value.equals("-")) {
      return new StandardInput();
    }
    return value.startsWith("@") ? new TextFile(Path.of(value.substring(1))) : new Text(value);
  }

  /**
   * Gets the prompt, of which nothing is taken away but a byte order mark.
   *
   * @param tokens counts tokens, for prompts of a wanted length
   * @param input what is read as standard input
   * @return the prompt
   * @throws IOException if a file or the standard input cannot be read, or is not in UTF-8
   */
  Prompt read(TokenCount tokens, InputStream input) throws IOException;

  /**
   * The prompt itself.
   *
   * @param text what the user says
   */
  record Text(String text) implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) {
      return new Prompt(text, Optional.empty());
    }
  }

  /**
   * The content of a file, or of what else a path names, such as a pipe.
   *
   * @param path a text in UTF-8
   */
  record TextFile(Path path) implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) throws IOException {
      if (!Files.exists(path)) {
        throw new IOException("the prompt file " + path + " is not there");
      }
      if (Files.isDirectory(path)) {
        throw new IOException("the prompt file " + path + " is a folder");
      }
      try (InputStream content = Files.newInputStream(path)) {
        return whole(content, "the prompt file " + path);
      }
    }
  }

  /** All of standard input. */
  record StandardInput() implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) throws IOException {
      return whole(input, "standard input");
    }
  }

  private static Prompt whole(InputStream content, String source) throws IOException {
    byte[] bytes = content.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new IOException(
          source + " has more than " + MOST_BYTES + " bytes, longer than any prompt");
    }
    return new Prompt(Utf8.decode(bytes, source), Optional.empty());
  }

  /** A short question about a few sentences. */
  record ShortQuestion() implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) {
      return LongContext.shortQuestion();
    }
  }

  /**
   * A question about a long text.
   *
   * @param length tokens of the prompt, chat template included
   */
  record LongQuestion(int length) implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) {
      return LongContext.question(length, tokens);
    }
  }
}
