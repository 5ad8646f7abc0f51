package dev.sparsed.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.eval.cluster.ClusterModel;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.ModelOptions;
import dev.sparsed.models.Precision;
import dev.sparsed.models.WeightScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;

class LoadedModelsTest {

  private static final ModelSource.Key FIRST = new ModelSource.Key("first", ModelOptions.DEFAULT);
  private static final ModelSource.Key SECOND = new ModelSource.Key("second", ModelOptions.DEFAULT);

  private final List<String> events = new ArrayList<>();
  private final LoadedModels<AutoCloseable> models =
      new LoadedModels<>(
          key -> {
            events.add("load " + key.path());
            return () -> events.add("close " + key.path());
          });

  @Test
  void tasksShareAModelWhichStaysBetweenThem() {
    LoadedModels.Lease<AutoCloseable> one = models.lease(FIRST);
    LoadedModels.Lease<AutoCloseable> two = models.lease(FIRST);
    assertSame(one.model(), two.model());
    one.close();
    two.close();
    assertSame(one.model(), models.lease(FIRST).model());
    assertEquals(List.of("load first"), events);
  }

  @Test
  void anotherModelTakesThePlaceOfOneThatNobodyUses() {
    LoadedModels.Lease<AutoCloseable> one = models.lease(FIRST);
    one.close();
    one.close();
    models.lease(SECOND);
    assertNotSame(one.model(), models.lease(FIRST).model());
    assertEquals(List.of("load first", "close first", "load second", "load first"), events);
  }

  @Test
  void whatCannotBeLoadedIsTriedAgain() {
    LoadedModels<AutoCloseable> broken =
        new LoadedModels<>(
            key -> {
              events.add(key.path());
              throw new IllegalStateException("broken");
            });
    assertThrows(IllegalStateException.class, () -> broken.lease(FIRST));
    assertThrows(IllegalStateException.class, () -> broken.lease(FIRST));
    assertEquals(List.of("first", "first"), events);
  }

  @Test
  void theDeviceIsTheCardThatSparkGaveTheTask() {
    ResourceInformation second = new ResourceInformation("gpu", new String[] {"1"});
    for (Map.Entry<String, ComputeDevice> each :
        Map.of(
                "auto", ComputeDevice.of("cuda:1"),
                "cuda", ComputeDevice.of("cuda:1"),
                "cuda:0", ComputeDevice.of("cuda:0"),
                "cpu", ComputeDevice.CPU)
            .entrySet()) {
      ModelSource source = new ModelSource("folder", each.getKey(), null, null);
      assertEquals(each.getValue(), source.device(second), each.getKey());
    }
    assertEquals(ComputeDevice.CPU, new ModelSource("folder", "auto", null, null).device(null));
  }

  @Test
  void anEvaluationsModelIsLoadedAsOnOneMachine() {
    ModelOptions asked =
        ModelOptions.DEFAULT
            .withThreads(3)
            .withPrecision(Precision.FLOAT32)
            .withWeights(WeightScheme.parse("q4,head=q8"))
            .withRotary(ModelOptions.RotaryChange.NONE.withBase(20_000).withFactor(4));
    ModelSource sent = SparkEvalCluster.source(new ClusterModel(Optional.of("folder"), asked));
    assertEquals(asked, sent.options(ComputeDevice.CPU, 3));
    ModelOptions plain = ModelOptions.DEFAULT.withThreads(3);
    assertEquals(
        plain,
        SparkEvalCluster.source(new ClusterModel(Optional.of("folder"), plain))
            .options(ComputeDevice.CPU, 3));
  }

  @Test
  void whatAMachineLacksIsNoFaultOfARow() {
    assertTrue(AnsweredRows.isOfItsRow(new IllegalArgumentException("too long")));
    assertFalse(AnsweredRows.isOfItsRow(new RuntimeException("no memory")));
    for (Throwable cause : List.of(new RuntimeException("no memory"), new OutOfMemoryError())) {
      assertFalse(AnsweredRows.isOfItsRow(new IllegalStateException("a shared pass", cause)));
    }
  }

  @Test
  void seedsDependOnTheTextAndTheJobsSeedOnly() {
    assertEquals(RowSeed.of(1, "häuser"), RowSeed.of(1, "häuser"));
    assertEquals(
        4,
        List.of(RowSeed.of(1, "a"), RowSeed.of(2, "a"), RowSeed.of(1, "b"), RowSeed.of(1, ""))
            .stream()
            .distinct()
            .count());
    // Written down: results of jobs long past can be made again.
    assertEquals(0xaf5570f5a1810b7aL, RowSeed.of(0, ""));
  }
}
