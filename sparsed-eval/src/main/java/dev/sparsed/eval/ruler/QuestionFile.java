package dev.sparsed.eval.ruler;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.eval.accuracy.Fields;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.eval.accuracy.TaskFileException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Questions about documents, from a user's file: one JSON object per line. Its fields are the
 * question, {@code context} (the document that holds the answer, or a list of such documents) and
 * {@code answers} or {@code answer} (a text, a list, or SQuAD's object).
 *
 * @param questions the questions, at least one
 * @param documents all documents, without duplicates
 */
public record QuestionFile(ImmutableList<Question> questions, ImmutableSet<String> documents) {

  /**
   * One question.
   *
   * @param text the question
   * @param answers right answers, any of which will do
   * @param documents the documents that hold the answer
   */
  public record Question(
      String text, ImmutableList<String> answers, ImmutableList<String> documents) {}

  /**
   * Reads a file.
   *
   * @param file the file, UTF-8
   * @return its questions and documents
   * @throws TaskFileException if lines are malformed, names every one
   * @throws IOException if the file cannot be read
   */
  public static QuestionFile read(Path file) throws IOException, TaskFileException {
    ImmutableList<Question> questions = JsonLines.read(file, (line, object) -> question(object));
    if (questions.isEmpty()) {
      throw TaskFileException.withoutAny(file, "question");
    }
    ImmutableSet.Builder<String> documents = ImmutableSet.builder();
    questions.forEach(question -> documents.addAll(question.documents()));
    return new QuestionFile(questions, documents.build());
  }

  private static Question question(JsonNode object) {
    return new Question(
        Fields.someText(object, "question"),
        Fields.texts(object, object.has("answers") ? "answers" : "answer"),
        Fields.texts(object, "context"));
  }
}
