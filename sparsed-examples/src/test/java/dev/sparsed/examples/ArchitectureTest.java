package dev.sparsed.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies point one way: examples to models to cuda and cpu to core. */
@AnalyzeClasses(
    packages = "dev.sparsed",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {

  private static final String CPU = "dev.sparsed.cpu..";
  private static final String CUDA = "dev.sparsed.cuda..";
  private static final String MODELS = "dev.sparsed.models..";
  private static final String EXAMPLES = "dev.sparsed.examples..";
  private static final String[] CORE = {
    "dev.sparsed",
    "dev.sparsed.pattern..",
    "dev.sparsed.select..",
    "dev.sparsed.attention..",
    "dev.sparsed.reference..",
    "dev.sparsed.cache..",
    "dev.sparsed.internal.."
  };

  @ArchTest
  static final ArchRule coreKnowsNoOtherModuleAndNoNativeLibrary =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CPU, CUDA, MODELS, EXAMPLES, "org.bytedeco..", "ai.djl..");

  @ArchTest
  static final ArchRule coreDependsOnGuavaAndTheJdkOnly =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "java..",
              "javax.imageio..",
              "com.google.common..",
              "org.jspecify..",
              "dev.sparsed..");

  @ArchTest
  static final ArchRule cpuKernelsKnowNeitherTheOtherModulesNorLibTorch =
      noClasses()
          .that()
          .resideInAPackage(CPU)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CUDA, MODELS, EXAMPLES, "org.bytedeco.pytorch..");

  @ArchTest
  static final ArchRule cudaKernelsKnowNeitherTheOtherModulesNorLibTorch =
      noClasses()
          .that()
          .resideInAPackage(CUDA)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CPU, MODELS, EXAMPLES, "org.bytedeco.pytorch..")
          // The module may still be without classes.
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule modelsDoNotKnowTheExamples =
      noClasses()
          .that()
          .resideInAPackage(MODELS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EXAMPLES);

  /** Other modules' tests are folders while testing but jars while packaging. */
  static final class NoTestJars implements ImportOption {

    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }
}
