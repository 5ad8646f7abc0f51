package dev.sparsed.spark;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.answer.AnswerGenerator;
import dev.sparsed.models.answer.AnswerListener;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** Questions that the embedded model answers. */
final class Questions {

  private static final List<String> PEOPLE =
      List.of("Stefan", "Magnus", "Ulla", "Dora", "Ida", "Otto", "Clara", "Jonas");
  private static final List<String> PLACES =
      List.of("Orrest", "Northam", "Brenton", "Malby", "Estford", "Halden", "Rushey", "Torvale");

  private Questions() {}

  /** So many different questions, always the same. */
  static List<String> of(int count) {
    return IntStream.iterate(0, number -> number + 1)
        .mapToObj(Questions::question)
        .distinct()
        .limit(count)
        .toList();
  }

  private static String question(int number) {
    Random random = new Random(number);
    StringBuilder text = new StringBuilder("Read the notes and answer the question.\n\n");
    for (int i = 0; i < 4; i++) {
      text.append(PEOPLE.get((number + i) % PEOPLE.size()))
          .append(" lives in ")
          .append(PLACES.get(random.nextInt(PLACES.size())))
          .append(". ");
    }
    String asked = PEOPLE.get((number + random.nextInt(4)) % PEOPLE.size());
    return text.append("\n\nQuestion: Where does ").append(asked).append(" live?").toString();
  }

  /** As rows of a column. */
  static Dataset<Row> rows(SparkSession spark, List<String> questions, int partitions) {
    JavaRDD<String> spread =
        new JavaSparkContext(spark.sparkContext()).parallelize(questions, partitions);
    return spark.createDataset(spread.rdd(), Encoders.STRING()).toDF("question");
  }

  /** A stage that asks the embedded model, short and at random, so that seeds matter. */
  static DiffusionTextGenerator stage() {
    return new DiffusionTextGenerator()
        .setInputCol("question")
        .setModelPath(DemoCheckpoint.folder().toString())
        .setGenerationLength(16)
        .setSteps(8)
        .setTemperature(1.2)
        .setThreads(1)
        .setSeed(7);
  }

  /** What {@link #stage()} answers, by this process alone and without Spark. */
  static List<String> answersAlone(List<String> questions) {
    RowQuestions rows = new RowQuestions(0, null, "sparsed", 16, 8, 1.2, 7);
    try (DiffusionModel model =
        DiffusionModel.load(DemoCheckpoint.folder(), ModelOptions.DEFAULT.withThreads(1))) {
      AnswerGenerator generator = new AnswerGenerator(model);
      return questions.stream()
          .map(RowFactory::create)
          .map(row -> generator.answer(rows.request(row), AnswerListener.NONE).text())
          .toList();
    }
  }
}
