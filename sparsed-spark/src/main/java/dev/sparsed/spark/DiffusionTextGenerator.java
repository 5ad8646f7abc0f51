package dev.sparsed.spark;

import dev.sparsed.models.method.Method;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A stage of a Spark ML pipeline that answers each row's question with a diffusion language model.
 * Two columns are added: the answer, and what kept it from being given; one of them is null.
 *
 * <p>Each executor reads the model once and its tasks share it. A row's answer depends on its
 * question (or its id) and the seed, not on where, when or beside what it is computed, so that
 * retried and repartitioned jobs give the same text on machines of the same kind.
 *
 * <p>As any transformation this one is computed again wherever Spark needs its rows again: write
 * the result, or cache it.
 */
public final class DiffusionTextGenerator extends GeneratorParams implements DefaultParamsWritable {

  private static final long serialVersionUID = 1;

  /** A stage that still needs {@link #setInputCol} and {@link #setModelPath}. */
  public DiffusionTextGenerator() {
    this(Identifiable$.MODULE$.randomUID("diffusionTextGenerator"));
  }

  /**
   * A stage of a name, as {@link #load} makes it.
   *
   * @param uid names the stage
   */
  public DiffusionTextGenerator(String uid) {
    super(uid);
  }

  /**
   * Reads a stage that was saved.
   *
   * @param path where {@code save} wrote it, on any file system that Spark knows
   * @return the stage
   * @throws IOException if it cannot be read
   */
  public static DiffusionTextGenerator load(String path) throws IOException {
    return read().load(path);
  }

  /**
   * Reads stages that were saved, as pipelines do.
   *
   * @return the reader
   */
  public static MLReader<DiffusionTextGenerator> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  public DiffusionTextGenerator copy(ParamMap extra) {
    return (DiffusionTextGenerator) defaultCopy(extra);
  }

  /**
   * The columns of the result.
   *
   * @param schema the columns that rows come with
   * @return these, the answer's and the error's
   * @throws IllegalArgumentException if the question's column is not there or holds no text, the
   *     id's is not there, a column of the result is there already, or a parameter means nothing
   */
  @Override
  public StructType transformSchema(StructType schema) {
    Method.parse(getOrDefault(method()));
    source().check();
    String question = column(schema, getOrDefault(inputCol()));
    if (!schema.apply(question).dataType().equals(DataTypes.StringType)) {
      throw new IllegalArgumentException(
          "column "
              + question
              + " must hold strings but holds "
              + schema.apply(question).dataType().catalogString());
    }
    if (isDefined(idCol())) {
      column(schema, getOrDefault(idCol()));
    }
    StructType result = schema;
    for (String added : List.of(getOrDefault(outputCol()), getOrDefault(errorCol()))) {
      if (Arrays.asList(result.fieldNames()).contains(added)) {
        throw new IllegalArgumentException("there already is a column " + added);
      }
      result = result.add(added, DataTypes.StringType, true);
    }
    return result;
  }

  private static String column(StructType schema, String name) {
    if (!Arrays.asList(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "there is no column " + name + " among " + String.join(", ", schema.fieldNames()));
    }
    return name;
  }

  /**
   * Answers the questions, once the result is asked for.
   *
   * @param dataset rows with a question each
   * @return the same rows in the same partitions and order, with an answer or an error
   * @throws IllegalArgumentException as {@link #transformSchema} says
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType result = transformSchema(dataset.schema(), true);
    RowQuestions questions =
        new RowQuestions(
            dataset.schema().fieldIndex(getOrDefault(inputCol())),
            isDefined(idCol()) ? dataset.schema().fieldIndex(getOrDefault(idCol())) : null,
            getOrDefault(method()),
            (int) getOrDefault(generationLength()),
            isDefined(steps()) ? (Integer) getOrDefault(steps()) : null,
            isDefined(temperature()) ? (Double) getOrDefault(temperature()) : null,
            (long) getOrDefault(seed()));
    JobMetrics metrics = JobMetrics.registeredWith(dataset.sparkSession().sparkContext());
    return dataset
        .toDF()
        .mapPartitions(
            new AnswerPartition(source(), questions, metrics, (int) getOrDefault(batchSize())),
            Encoders.row(result));
  }

  private ModelSource source() {
    return new ModelSource(
        getOrDefault(modelPath()),
        getOrDefault(device()),
        isDefined(precision()) ? getOrDefault(precision()) : null,
        isDefined(threads()) ? (Integer) getOrDefault(threads()) : null);
  }

  /**
   * Sets the column with the questions.
   *
   * @param value a column of strings
   * @return this stage
   */
  public DiffusionTextGenerator setInputCol(String value) {
    set(inputCol(), value);
    return this;
  }

  /**
   * Sets the column of the answers.
   *
   * @param value its name; {@code answer} unless set
   * @return this stage
   */
  public DiffusionTextGenerator setOutputCol(String value) {
    set(outputCol(), value);
    return this;
  }

  /**
   * Sets the column that says why there is no answer.
   *
   * @param value its name; {@code error} unless set
   * @return this stage
   */
  public DiffusionTextGenerator setErrorCol(String value) {
    set(errorCol(), value);
    return this;
  }

  /**
   * Sets the column whose values, as text, a row's seed is made of instead of its question.
   *
   * @param value a column that names rows, so that equal questions may get different answers
   * @return this stage
   */
  public DiffusionTextGenerator setIdCol(String value) {
    set(idCol(), value);
    return this;
  }

  /**
   * Sets where the model is: a folder that every executor sees, a repository in each executor's
   * Hugging Face cache, or a folder of a Hadoop file system such as {@code hdfs://...}, which each
   * executor copies to its local disk once.
   *
   * @param value the path
   * @return this stage
   */
  public DiffusionTextGenerator setModelPath(String value) {
    set(modelPath(), value);
    return this;
  }

  /**
   * Sets how to generate.
   *
   * @param value the name of a method, such as {@code sparsed+dual-cache}; {@code sparsed} unless
   *     set
   * @return this stage
   */
  public DiffusionTextGenerator setMethod(String value) {
    set(method(), value);
    return this;
  }

  /**
   * Sets the most tokens of an answer.
   *
   * @param value at least 1; 128 unless set
   * @return this stage
   */
  public DiffusionTextGenerator setGenerationLength(int value) {
    set(generationLength(), value);
    return this;
  }

  /**
   * Sets the number of denoising steps.
   *
   * @param value at least 1; the method's usual number unless set
   * @return this stage
   */
  public DiffusionTextGenerator setSteps(int value) {
    set(steps(), value);
    return this;
  }

  /**
   * Sets the randomness of tokens.
   *
   * @param value 0 for the most likely; the family's published one unless set
   * @return this stage
   */
  public DiffusionTextGenerator setTemperature(double value) {
    set(temperature(), value);
    return this;
  }

  /**
   * Sets the seed of the job, from which every row gets its own.
   *
   * @param value any number; 0 unless set
   * @return this stage
   */
  public DiffusionTextGenerator setSeed(long value) {
    set(seed(), value);
    return this;
  }

  /**
   * Sets how many rows of a task are generated at a time. Answers do not depend on it.
   *
   * @param value at least 1; 1 unless set. More are of use where one task has a card to itself
   * @return this stage
   */
  public DiffusionTextGenerator setBatchSize(int value) {
    set(batchSize(), value);
    return this;
  }

  /**
   * Sets where executors compute.
   *
   * @param value {@code cpu}, {@code cuda} for the card among the task's resources, {@code cuda:N};
   *     unless set the card among the task's resources, and the processor where there is none
   * @return this stage
   */
  public DiffusionTextGenerator setDevice(String value) {
    set(device(), value);
    return this;
  }

  /**
   * Sets the format of weights and activations.
   *
   * @param value {@code float32}, {@code bfloat16} or {@code float16}; as stored unless set
   * @return this stage
   */
  public DiffusionTextGenerator setPrecision(String value) {
    set(precision(), value);
    return this;
  }

  /**
   * Sets the processor threads of an executor's model.
   *
   * @param value at least 1; unless set the executor's cores, which its tasks share
   * @return this stage
   */
  public DiffusionTextGenerator setThreads(int value) {
    set(threads(), value);
    return this;
  }
}
