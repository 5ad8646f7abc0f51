package dev.sparsed.eval.prompts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where a prompt comes from, as the command line's {@code --prompt} names it. */
public sealed interface PromptSource {

  /** The name of the short question. */
  String SHORT = "short_context";

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
   * Gets the prompt.
   *
   * @param tokens counts tokens, for prompts of a wanted length
   * @param input what is read as standard input
   * @return the prompt
   * @throws IOException if a file or the standard input cannot be read
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
   * The content of a file.
   *
   * @param path a text file in UTF-8
   */
  record TextFile(Path path) implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) throws IOException {
      if (!Files.isRegularFile(path)) {
        throw new IOException("the prompt file " + path + " is not there");
      }
      try {
        return new Prompt(Files.readString(path).strip(), Optional.empty());
      } catch (CharacterCodingException e) {
        throw new IOException(
            "the prompt file " + path + " is not in UTF-8; convert it, for instance with iconv", e);
      }
    }
  }

  /** All of standard input. */
  record StandardInput() implements PromptSource {
    @Override
    public Prompt read(TokenCount tokens, InputStream input) throws IOException {
      String text = new String(input.readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Prompt(text, Optional.empty());
    }
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
