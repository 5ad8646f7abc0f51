package dev.sparsed.spark;

import dev.sparsed.testing.PublicSurface;
import org.junit.jupiter.api.Test;

/**
 * Compares what users can call with {@code api/sparsed-spark.txt}, which {@code ./mvnw test -pl
 * sparsed-spark -am -Dtest=PublicApiTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dsparsed.api=write} writes anew. Here and not with those of the other modules, to whose builds
 * Spark must not be a download.
 */
class PublicApiTest {

  @Test
  void theSurfaceIsTheOneWrittenDown() throws Exception {
    PublicSurface.of(DiffusionTextGenerator.class).requireWritten("sparsed-spark");
  }
}
