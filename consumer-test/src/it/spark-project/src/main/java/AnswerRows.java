import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.spark.DiffusionTextGenerator;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

public class AnswerRows {

  private static final String NOTES =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question:\s""";

  public static void main(String[] arguments) throws IOException {
    try (SparkSession spark = SparkSession.builder().master("local[2]").getOrCreate()) {
      Dataset<Row> questions =
          spark
              .createDataset(
                  List.of(NOTES + "What does Ulla play?", NOTES + "Where does Dora live?"),
                  Encoders.STRING())
              .toDF("question");
      new DiffusionTextGenerator()
          .setInputCol("question")
          .setModelPath(DemoCheckpoint.folder().toString())
          .setMethod("sparsed+dual-cache")
          .setGenerationLength(32)
          .transform(questions)
          .select("answer", "error")
          .show(false);
    }
  }
}
