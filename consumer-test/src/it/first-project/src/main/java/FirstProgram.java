import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import java.nio.file.Path;

public class FirstProgram {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Ulla play?""";

  public static void main(String[] arguments) {
    Path folder = arguments.length > 0 ? Path.of(arguments[0]) : DemoCheckpoint.folder();
    String question = arguments.length > 1 ? arguments[1] : QUESTION;
    try (DiffusionModel model = DiffusionModel.load(folder)) {
      System.out.println(model.chat(question));
    }
  }
}
