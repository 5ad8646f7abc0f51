package dev.sparsed.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import com.tngtech.archunit.lang.syntax.elements.ClassesThat;

/**
 * Dependencies point one way: examples to cli to eval to demo to models to text, cuda and cpu to
 * core. Reports and integrations stand on models; only the command line and the examples know a
 * report, and only the command line an integration. {@code sparsed-spark} is on no other module's
 * class path, this one's included: what it downloads is for those who build it.
 */
@AnalyzeClasses(
    packages = "dev.sparsed",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {

  private static final String CPU = "dev.sparsed.cpu..";
  private static final String CUDA = "dev.sparsed.cuda..";
  private static final String TEXT = "dev.sparsed.text..";
  private static final String MODELS = "dev.sparsed.models..";
  private static final String DEMO = "dev.sparsed.demo..";
  private static final String REPORT = "dev.sparsed.report..";
  private static final String EVAL = "dev.sparsed.eval..";
  private static final String CLI = "dev.sparsed.cli..";
  private static final String EXAMPLES = "dev.sparsed.examples..";
  private static final String LANGCHAIN4J = "dev.sparsed.langchain4j..";
  private static final String FAMILY = "dev.sparsed.models.family";
  private static final String EACH_FAMILY = "dev.sparsed.models.family.*..";
  private static final String MICROMETER = "dev.sparsed.micrometer..";
  private static final String SERVER = "dev.sparsed.server..";
  private static final String LIBTORCH = "org.bytedeco.pytorch..";
  private static final String[] CORE = {
    "dev.sparsed",
    "dev.sparsed.pattern..",
    "dev.sparsed.select..",
    "dev.sparsed.tensor..",
    "dev.sparsed.attention..",
    "dev.sparsed.reference..",
    "dev.sparsed.internal.."
  };

  @ArchTest
  static final ArchRule coreKnowsNoOtherModuleAndNoNativeLibrary =
      none(CORE)
          .resideInAnyPackage(
              CPU,
              CUDA,
              TEXT,
              MODELS,
              DEMO,
              REPORT,
              EVAL,
              CLI,
              EXAMPLES,
              "org.bytedeco..",
              "ai.djl..");

  @ArchTest
  static final ArchRule coreDependsOnGuavaAndTheJdkOnly =
      none(CORE)
          .resideOutsideOfPackages(
              "java..", "com.google.common..", "org.jspecify..", "dev.sparsed..");

  /** Of the JDK only what is in java.base: no module of the desktop. */
  @ArchTest
  static final ArchRule coreNeedsTheJdksBaseOnly =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.awt..", "java.beans..", "java.sql..", "java.util.logging..", "javax..");

  @ArchTest
  static final ArchRule cpuKernelsKnowNeitherTheOtherModulesNorLibTorch =
      none(CPU).resideInAnyPackage(CUDA, TEXT, MODELS, DEMO, REPORT, EVAL, CLI, EXAMPLES, LIBTORCH);

  @ArchTest
  static final ArchRule cudaKernelsKnowNeitherTheOtherModulesNorLibTorch =
      none(CUDA).resideInAnyPackage(CPU, TEXT, MODELS, DEMO, REPORT, EVAL, CLI, EXAMPLES, LIBTORCH);

  @ArchTest
  static final ArchRule textKnowsNeitherModelsNorLibTorch =
      none(TEXT).resideInAnyPackage(CPU, CUDA, MODELS, DEMO, REPORT, EVAL, CLI, EXAMPLES, LIBTORCH);

  @ArchTest
  static final ArchRule modelsKnowNothingAboveThem =
      none(MODELS).resideInAnyPackage(DEMO, REPORT, EVAL, CLI, EXAMPLES);

  @ArchTest
  static final ArchRule theDemoKnowsNothingAboveIt =
      none(DEMO).resideInAnyPackage(REPORT, EVAL, CLI, EXAMPLES);

  @ArchTest
  static final ArchRule reportsKnowModelsOnly =
      none(REPORT).resideInAnyPackage(DEMO, EVAL, CLI, EXAMPLES, LIBTORCH);

  @ArchTest
  static final ArchRule theEvaluationIsALibrary =
      none(EVAL).resideInAnyPackage(REPORT, CLI, EXAMPLES, "picocli..", "me.tongfei..");

  @ArchTest
  static final ArchRule integrationsKnowModelsOnly =
      none(LANGCHAIN4J, MICROMETER, SERVER)
          .resideInAnyPackage(DEMO, REPORT, EVAL, CLI, EXAMPLES, LIBTORCH);

  @ArchTest
  static final ArchRule onlyTheServerKnowsAnotherIntegration =
      none(LANGCHAIN4J, MICROMETER).resideInAnyPackage(SERVER);

  @ArchTest
  static final ArchRule metersAreMadeByOneIntegration =
      none(LANGCHAIN4J).resideInAnyPackage(MICROMETER, "io.micrometer..");

  @ArchTest
  static final ArchRule nothingBelowKnowsAnIntegrationOrItsLibraries =
      none(CPU, CUDA, TEXT, MODELS, DEMO, REPORT, EVAL)
          .resideInAnyPackage(
              LANGCHAIN4J,
              MICROMETER,
              SERVER,
              "dev.langchain4j..",
              "io.micrometer..",
              "io.vertx..",
              "io.netty..",
              "org.apache.spark..");

  @ArchTest
  static final ArchRule theCommandLineKnowsTheServerOnly =
      none(CLI)
          .resideInAnyPackage(
              LANGCHAIN4J, MICROMETER, "dev.langchain4j..", "io.micrometer..", "io.vertx..");

  @ArchTest
  static final ArchRule answersAreReadThroughTheDoorOfModels =
      none("dev.sparsed.models.answer..")
          .resideInAnyPackage(
              "dev.sparsed.models.torch..",
              "dev.sparsed.models.internal.torch..",
              "dev.sparsed.models.internal.transformer..",
              LIBTORCH);

  @ArchTest
  static final ArchRule nothingOutsideAFamilyKnowsIt =
      noClasses()
          .that()
          .resideOutsideOfPackages(FAMILY + "..", EXAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EACH_FAMILY);

  @ArchTest
  static final ArchRule whatAFamilyIsKnowsNone = none(FAMILY).resideInAPackage(EACH_FAMILY);

  @ArchTest
  static final ArchRule familiesKnowNeitherFilesNorLayers =
      none(FAMILY + "..")
          .resideInAnyPackage(
              "dev.sparsed.models",
              "dev.sparsed.models.internal.checkpoint..",
              "dev.sparsed.models.internal.transformer..",
              "com.fasterxml..");

  @ArchTest
  static final ArchRule methodsKnowNeitherRequestsNorTensors =
      none("dev.sparsed.models.method..")
          .resideInAnyPackage(
              "dev.sparsed.models",
              FAMILY + "..",
              "dev.sparsed.models.internal.checkpoint..",
              "dev.sparsed.models.torch..",
              "dev.sparsed.models.internal.torch..",
              "dev.sparsed.models.internal.transformer..",
              LIBTORCH);

  @ArchTest
  static final ArchRule partsOfTheEvaluationKnowNothingOfTheWhole =
      none(
              "dev.sparsed.eval.accuracy..",
              "dev.sparsed.eval.speed..",
              "dev.sparsed.eval.ruler..",
              "dev.sparsed.eval.run..",
              "dev.sparsed.eval.prompts..",
              "dev.sparsed.eval.bench..")
          .resideInAnyPackage("dev.sparsed.eval", "dev.sparsed.eval.model..");

  @ArchTest
  static final ArchRule sharedOptionsKnowNoCommand =
      none("dev.sparsed.cli.options..", "dev.sparsed.cli.console..")
          .resideInAnyPackage("dev.sparsed.cli", "dev.sparsed.cli.eval..");

  @ArchTest static final ArchRule theCommandLineIsNoExample = none(CLI).resideInAPackage(EXAMPLES);

  @ArchTest
  static final ArchRule loggersAreSilentWhereThereIsNoLoggingLibrary =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.sparsed.text.internal.Loggers")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.slf4j.LoggerFactory");

  private static ClassesThat<ClassesShouldConjunction> none(String... packages) {
    return noClasses().that().resideInAnyPackage(packages).should().dependOnClassesThat();
  }

  /** Other modules' tests are folders while testing but jars while packaging. */
  static final class NoTestJars implements ImportOption {

    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }
}
