import dev.langchain4j.model.chat.ChatModel;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.langchain4j.DiffusionChatModel;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Method;

public class AskInProcess {

  public static void main(String[] arguments) {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      ChatModel chat =
          DiffusionChatModel.builder().model(model).method(Method.parse("sparsed")).build();
      System.out.println(
          chat.chat(
              """
              Read the notes and answer the question.

              Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

              Question: What does Ulla play?"""));
    }
  }
}
