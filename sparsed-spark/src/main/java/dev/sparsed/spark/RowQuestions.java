package dev.sparsed.spark;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelMethods;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;
import dev.sparsed.text.ChatMessage;
import java.io.Serializable;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * How rows are asked, as tasks are told.
 *
 * @param input index of the column with the questions
 * @param id index of the column that names rows; null where the question itself does
 * @param method name of the method
 * @param length the most tokens of an answer
 * @param steps denoising steps; null for the method's usual ones
 * @param temperature of sampling; null for the family's published one
 * @param seed the job's seed
 */
record RowQuestions(
    int input,
    @Nullable Integer id,
    String method,
    int length,
    @Nullable Integer steps,
    @Nullable Double temperature,
    long seed)
    implements Serializable {

  /**
   * Requires that a model can be asked so at all, before each row is told that it cannot.
   *
   * @throws IllegalArgumentException if method, length, steps or sampling do not fit the model
   * @throws dev.sparsed.text.TokenizerException if the model has no tokenizer
   */
  void check(DiffusionModel model) {
    model.tokenizer();
    ModelMethods methods = model.methods();
    Method parsed = Method.parse(method);
    int whole = methods.generationLength(parsed, length);
    methods.request(parsed, sampling(), whole, steps == null ? parsed.usualSteps(whole) : steps);
  }

  /**
   * The request of a row.
   *
   * @throws IllegalArgumentException if the row holds no question
   */
  AnswerRequest request(Row row) {
    if (row.isNullAt(input)) {
      throw new IllegalArgumentException("the question is null");
    }
    String question = row.getString(input);
    if (question.isBlank()) {
      throw new IllegalArgumentException("the question is empty");
    }
    AnswerRequest.Builder request =
        AnswerRequest.conversation(List.of(ChatMessage.user(question)))
            .method(Method.parse(method))
            .sampling(sampling())
            .maxTokens(length)
            .seed(RowSeed.of(seed, name(row, question)));
    return (steps == null ? request : request.steps(steps)).build();
  }

  private String name(Row row, String question) {
    if (id == null || row.isNullAt(id)) {
      return question;
    }
    Object value = row.get(id);
    return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
  }

  private Sampling sampling() {
    return temperature == null
        ? Sampling.PUBLISHED
        : Sampling.PUBLISHED.withTemperature(temperature);
  }
}
