import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.micrometer.AnswerMetrics;
import dev.sparsed.micrometer.Operation;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.answer.Answer;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import dev.sparsed.models.answer.AnswerRequest;
import dev.sparsed.text.ChatMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;

public class MeasureAnswers {

  private static final String QUESTION = "Ulla plays the piano. What does Ulla play?";

  public static void main(String[] arguments) {
    SimpleMeterRegistry registry = new SimpleMeterRegistry(); // Or your application's.
    AnswerMetrics metrics = new AnswerMetrics(registry, "demo");
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      AnswerRequest request =
          AnswerRequest.conversation(List.of(ChatMessage.user(QUESTION))).maxTokens(32).build();
      Answer answer =
          metrics.run(
              Operation.CHAT,
              new AnswerGenerator(model).prepare(request),
              new AnswerListener() {});
      System.out.println(answer.text());
    }
    System.out.println(registry.getMetersAsString());
  }
}
