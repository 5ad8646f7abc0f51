package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A question whose document is hidden among documents of other questions. */
final class QuestionAnswering implements SampleBuilder {

  private static final String TASK =
      "Answer the question from the documents, with the answer alone and no other words.";

  private final QuestionFile.Question question;
  private final ImmutableList<String> others;
  private final long seed;

  QuestionAnswering(QuestionFile file, int index, long seed) {
    this.question = file.questions().get(index % file.questions().size());
    this.seed = seed;
    List<String> rest = new ArrayList<>(file.documents());
    rest.removeAll(question.documents());
    Collections.shuffle(rest, Seeds.random(seed, -1));
    this.others = ImmutableList.copyOf(rest);
  }

  @Override
  public int leastUnits() {
    return question.documents().size();
  }

  @Override
  public int mostUnits() {
    return question.documents().size() + others.size();
  }

  /** Units are documents. */
  @Override
  public RulerSample build(int units) {
    List<String> documents = new ArrayList<>(question.documents());
    documents.addAll(others.subList(0, units - documents.size()));
    Collections.shuffle(documents, new Random(seed));
    StringBuilder text = new StringBuilder(TASK).append("\n\nThe documents:\n\n");
    for (int document = 0; document < documents.size(); document++) {
      text.append("Document ").append(document + 1).append(":\n");
      text.append(documents.get(document)).append("\n\n");
    }
    text.append(TASK).append("\n\nQuestion: ").append(question.text());
    return new RulerSample(text.toString(), " Answer:", question.answers());
  }
}
