package dev.sparsed.demo.village;

/**
 * Something true in the village.
 *
 * @param relation the kind of fact
 * @param subject what it is about, such as a person
 * @param object what is said about it, such as a town
 */
public record Fact(Relation relation, String subject, String object) {

  /**
   * The fact as a sentence.
   *
   * @return for example {@code Mara lives in Lowick.}
   */
  public String sentence() {
    return relation.sentence(subject, object);
  }

  /**
   * The question that the fact answers.
   *
   * @return for example {@code Where does Mara live?}
   */
  public String question() {
    return relation.question(subject);
  }
}
