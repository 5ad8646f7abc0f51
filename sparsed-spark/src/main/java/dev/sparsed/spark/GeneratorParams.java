package dev.sparsed.spark;

import dev.sparsed.models.answer.AnswerRequest;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;

/**
 * The parameters of the stage, which Spark finds by their accessors: it saves, copies and explains
 * them. The accessors are not final, so that the compiler makes them accessible in the stage.
 */
abstract class GeneratorParams extends Transformer {

  private static final long serialVersionUID = 1;

  private final String uid;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> errorCol;
  private final Param<String> idCol;
  private final Param<String> modelPath;
  private final Param<String> method;
  private final IntParam generationLength;
  private final IntParam steps;
  private final DoubleParam temperature;
  private final LongParam seed;
  private final IntParam batchSize;
  private final Param<String> device;
  private final Param<String> precision;
  private final IntParam threads;

  /** The name comes first: parameters bear it. */
  GeneratorParams(String uid) {
    this.uid = uid;
    inputCol = new Param<>(this, "inputCol", "column with the questions");
    outputCol = new Param<>(this, "outputCol", "column of the answers");
    errorCol = new Param<>(this, "errorCol", "column that says why there is no answer");
    idCol =
        new Param<>(
            this, "idCol", "column whose values a row's seed is made of instead of its question");
    modelPath =
        new Param<>(
            this,
            "modelPath",
            "folder that every executor sees, a repository in its Hugging Face cache, or a Hadoop path");
    method = new Param<>(this, "method", "name of the method");
    generationLength =
        new IntParam(this, "generationLength", "most tokens of an answer", ParamValidators.gtEq(1));
    steps = new IntParam(this, "steps", "denoising steps", ParamValidators.gtEq(1));
    temperature =
        new DoubleParam(
            this,
            "temperature",
            "randomness of tokens, 0 for the most likely",
            ParamValidators.gtEq(0));
    seed = new LongParam(this, "seed", "seed of the job, from which every row gets its own");
    batchSize =
        new IntParam(
            this,
            "batchSize",
            "rows of a task that are generated at a time",
            ParamValidators.gtEq(1));
    device = new Param<>(this, "device", "auto, cpu, cuda or cuda:N");
    precision = new Param<>(this, "precision", "float32, bfloat16 or float16");
    threads =
        new IntParam(
            this, "threads", "processor threads of an executor's model", ParamValidators.gtEq(1));
    setDefault(outputCol, "answer");
    setDefault(errorCol, "error");
    setDefault(method, "sparsed");
    setDefault(generationLength, AnswerRequest.DEFAULT_MAX_TOKENS);
    setDefault(seed, 0L);
    setDefault(batchSize, 1);
    setDefault(device, ModelSource.AUTO);
  }

  /**
   * The column with the questions.
   *
   * @return the parameter
   */
  public Param<String> inputCol() {
    return inputCol;
  }

  /**
   * The column of the answers.
   *
   * @return the parameter
   */
  public Param<String> outputCol() {
    return outputCol;
  }

  /**
   * The column that says why there is no answer.
   *
   * @return the parameter
   */
  public Param<String> errorCol() {
    return errorCol;
  }

  /**
   * The column whose values a row's seed is made of instead of its question.
   *
   * @return the parameter
   */
  public Param<String> idCol() {
    return idCol;
  }

  /**
   * The folder that every executor sees, a repository in its Hugging Face cache, or a Hadoop path.
   *
   * @return the parameter
   */
  public Param<String> modelPath() {
    return modelPath;
  }

  /**
   * The name of the method.
   *
   * @return the parameter
   */
  public Param<String> method() {
    return method;
  }

  /**
   * The most tokens of an answer.
   *
   * @return the parameter
   */
  public IntParam generationLength() {
    return generationLength;
  }

  /**
   * The denoising steps.
   *
   * @return the parameter
   */
  public IntParam steps() {
    return steps;
  }

  /**
   * The randomness of tokens, 0 for the most likely.
   *
   * @return the parameter
   */
  public DoubleParam temperature() {
    return temperature;
  }

  /**
   * The seed of the job, from which every row gets its own.
   *
   * @return the parameter
   */
  public LongParam seed() {
    return seed;
  }

  /**
   * The rows of a task that are generated at a time.
   *
   * @return the parameter
   */
  public IntParam batchSize() {
    return batchSize;
  }

  /**
   * Where executors compute: auto, cpu, cuda or cuda:N.
   *
   * @return the parameter
   */
  public Param<String> device() {
    return device;
  }

  /**
   * The format of weights and activations: float32, bfloat16 or float16.
   *
   * @return the parameter
   */
  public Param<String> precision() {
    return precision;
  }

  /**
   * The processor threads of an executor's model.
   *
   * @return the parameter
   */
  public IntParam threads() {
    return threads;
  }

  @Override
  public String uid() {
    return uid;
  }
}
