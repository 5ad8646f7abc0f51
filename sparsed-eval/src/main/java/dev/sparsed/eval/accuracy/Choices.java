package dev.sparsed.eval.accuracy;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.sparsed.text.internal.Quoted;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Choices of a multiple-choice task: how they are written under the prompt, how a reference names
 * one, and which one an answer chose.
 *
 * <p>An answer's choice is the first of these that is there: the letter after the last "answer is",
 * "answer:" or the like; a letter that begins the answer ("B", "(B)", "B. because"); the first
 * letter in brackets; the first capital letter that stands alone and is no English word ("A dog",
 * "I think"); the only choice whose text occurs in the answer.
 */
final class Choices {

  /** Choices are named A to Z. */
  static final int MAX = 26;

  private static final String LETTER = "[(\\[\"'*]*([A-Za-z])[)\\]\"'*]*(?![\\p{L}\\p{N}'’])";
  private static final Pattern AFTER_ANSWER =
      Pattern.compile(
          "(?i:\\b(?:answer|choice|option)\\b\\s*(?:is|are|:|=)?\\s*:?\\s*"
              + "(?:(?:the\\s+)?(?:option|choice|letter)\\s+)?)"
              + LETTER);
  private static final Pattern AT_START =
      Pattern.compile("^(?:[(\\[\"'*]*([A-Za-z])[)\\]\"'*]*)(?=$|[\\s.:,;)])");
  private static final Pattern IN_BRACKETS = Pattern.compile("[(\\[]([A-Z])[)\\]]");
  private static final Pattern ALONE =
      Pattern.compile("(?<![\\p{L}\\p{N}'’])([A-Z])(?![\\p{L}\\p{N}'’])");

  private Choices() {}

  /** The choice's letter. */
  static char letter(int choice) {
    return (char) ('A' + choice);
  }

  /** The lines that go under a prompt. */
  static String render(List<String> choices) {
    StringBuilder text = new StringBuilder();
    for (int choice = 0; choice < choices.size(); choice++) {
      text.append('\n').append(letter(choice)).append(". ").append(choices.get(choice));
    }
    return text.append("\nAnswer:").toString();
  }

  /**
   * The choice that a reference names: a number is an index from 0, whatever the choices' texts; a
   * text is a choice's text or letter.
   *
   * @throws IllegalArgumentException if it names none, or could name two
   */
  static int named(JsonNode reference, ImmutableList<String> choices, int count) {
    if (reference.isNumber()) {
      double index = reference.doubleValue();
      checkArgument(
          index == Math.rint(index) && index >= 0 && index < count,
          "must name one of the %s choices, as a number one from 0 to %s, but is %s",
          count,
          count - 1,
          JsonLines.shown(reference));
      return (int) index;
    }
    String name = reference.asText();
    int byText = choices.indexOf(name);
    int byLetter = letterOf(name.strip(), count);
    checkArgument(
        byText < 0 || byLetter < 0 || byText == byLetter,
        "is %s, which is the text of choice %s and the letter of another; give its number from 0,"
            + " without quotes",
        Quoted.of(name),
        letter(Math.max(0, byText)));
    checkArgument(
        byText >= 0 || byLetter >= 0,
        "must name a choice, by a letter A to %s, a number from 0 without quotes, or its text, but"
            + " is %s",
        letter(count - 1),
        Quoted.of(name));
    return Math.max(byText, byLetter);
  }

  private static int letterOf(String name, int count) {
    int choice = name.length() == 1 ? Character.toUpperCase(name.charAt(0)) - 'A' : -1;
    return choice < count ? choice : -1;
  }

  static Optional<Integer> chosen(String answer, ImmutableList<String> choices, int count) {
    Optional<Integer> said = lastOf(AFTER_ANSWER.matcher(answer), answer, count);
    if (said.isEmpty()) {
      Matcher start = AT_START.matcher(answer);
      said = start.find() && !isWord(answer, start) ? choice(start, count) : Optional.empty();
    }
    if (said.isEmpty()) {
      said = firstOf(IN_BRACKETS.matcher(answer), answer, count);
    }
    if (said.isEmpty()) {
      said = firstOf(ALONE.matcher(answer), answer, count);
    }
    return said.isPresent() ? said : onlyTextIn(answer, choices);
  }

  private static Optional<Integer> lastOf(Matcher matcher, String answer, int count) {
    Optional<Integer> last = Optional.empty();
    while (matcher.find()) {
      boolean capital = Character.isUpperCase(matcher.group(1).charAt(0));
      Optional<Integer> choice =
          capital && !isWord(answer, matcher) ? choice(matcher, count) : Optional.empty();
      last = choice.isPresent() ? choice : last;
    }
    return last;
  }

  private static Optional<Integer> firstOf(Matcher matcher, String answer, int count) {
    while (matcher.find()) {
      Optional<Integer> choice =
          isWord(answer, matcher) ? Optional.empty() : choice(matcher, count);
      if (choice.isPresent()) {
        return choice;
      }
    }
    return Optional.empty();
  }

  /** Whether the letter is the article or the pronoun: "A" or "I" before a lower-case word. */
  private static boolean isWord(String answer, Matcher matcher) {
    char letter = Character.toUpperCase(matcher.group(1).charAt(0));
    int end = matcher.end(1);
    return (letter == 'A' || letter == 'I')
        && end + 1 < answer.length()
        && answer.charAt(end) == ' '
        && Character.isLowerCase(answer.charAt(end + 1));
  }

  private static Optional<Integer> choice(Matcher matcher, int count) {
    int choice = Character.toUpperCase(matcher.group(1).charAt(0)) - 'A';
    return choice >= 0 && choice < count ? Optional.of(choice) : Optional.empty();
  }

  private static Optional<Integer> onlyTextIn(String answer, ImmutableList<String> choices) {
    String folded = Metric.fold(answer);
    Optional<Integer> only = Optional.empty();
    for (int choice = 0; choice < choices.size(); choice++) {
      String text = Metric.fold(choices.get(choice)).strip();
      if (!text.isEmpty() && folded.contains(text)) {
        if (only.isPresent()) {
          return Optional.empty();
        }
        only = Optional.of(choice);
      }
    }
    return only;
  }
}
