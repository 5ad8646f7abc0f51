package dev.sparsed.demo.village;

import com.google.common.collect.ImmutableList;

/**
 * Something to ask about a text, and what the text must tell so that it can be answered.
 *
 * @param kind what has to be found
 * @param sentences what the text tells, in the order of the answer
 * @param question the question
 */
public record Inquiry(Kind kind, ImmutableList<String> sentences, String question) {

  /** What has to be found. */
  public enum Kind {
    /** One sentence. */
    SINGLE,
    /** Several sentences about one subject, answered in the order of the text. */
    SEVERAL,
    /** A chain of sentences, each of which leads to the next. */
    CHAIN
  }

  /**
   * The answer: the sentences that have to be found.
   *
   * @return for example {@code Mara keeps a goat.}
   */
  public String answer() {
    return String.join(" ", sentences);
  }
}
