package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.internal.calibration.CalibrationFolder;
import dev.sparsed.attention.internal.calibration.CalibrationKey;
import dev.sparsed.attention.internal.calibration.CalibrationWork;
import dev.sparsed.attention.internal.calibration.Calibrator;
import dev.sparsed.attention.internal.calibration.MeasuredCosts;
import dev.sparsed.models.decoding.BlockSteps;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.torch.TorchRuntime;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Sparsity#AUTO} makes of what a device was measured to take. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class MeasuredDecisionTest {

  private static final Instant WHEN = Instant.parse("2026-01-02T03:04:05Z");
  private static final BlockShape BLOCKS = BlockShape.square(8);
  private static final int STEPS = 16;

  private final KernelAttention backend = KernelAttention.standard();
  private final AtomicLong ticks = new AtomicLong();

  /** Every look at its clock finds 20 ms gone, so that each call takes as many. */
  private final Calibrator ticking =
      new Calibrator(Calibrator.BUDGET, () -> ticks.addAndGet(20_000_000), () -> WHEN);

  private static Transformer load() {
    try (Checkpoint checkpoint = Checkpoint.open(TinyModels.folder("tiny-dream"))) {
      return Transformer.load(
          checkpoint,
          checkpoint.config().architecture(),
          ScalarType.Float,
          TorchRuntime::cpu,
          OptionalInt.of(1),
          WeightScheme.AS_STORED);
    }
  }

  private Sparsity.Decision decide(Transformer model, Optional<MeasuredCosts> costs) {
    GenerationRequest request =
        GenerationRequest.builder()
            .prompt(TinyModels.prompt(11, 480))
            .generationLength(32)
            .steps(STEPS)
            .decoding(TinyModels.GREEDY)
            .attention(AttentionPolicy.sparseD(0.2, 0.3, BLOCKS.queryTokens()))
            .sparsity(Sparsity.AUTO)
            .build();
    return new SparsityRule(model, backend, () -> costs)
        .decide(request, TinyModels.GREEDY, BlockSteps.of(0, 32, OptionalInt.of(32), STEPS));
  }

  private MeasuredCosts costs(Path folder) {
    return new MeasuredCosts(
        ticking,
        Optional.of(new CalibrationFolder(folder)),
        warning -> {
          throw new AssertionError(warning);
        });
  }

  /** Where a sparse call takes as long as a full one, it is not worth it. */
  @Test
  void aDeviceThatWasNeverMeasuredIsMeasured(@TempDir Path folder) {
    try (Transformer model = load()) {
      Sparsity.Decision decision = decide(model, Optional.of(costs(folder)));
      assertFalse(decision.sparse(), decision.reason());
      assertTrue(decision.reason().contains("measured on this machine"), decision.reason());
      assertTrue(decision.reason().contains("2026-01-02T03:04:05Z"), decision.reason());
      assertTrue(decision.reason().contains("full attention 20.00 ms"), decision.reason());
      assertEquals(1, decision.measured().size());
      assertEquals(20e-3, decision.measured().get(0).denseSeconds(), 1e-9);
      long measured = ticks.get();
      // The next process reads what the first has kept.
      assertEquals(decision, decide(model, Optional.of(costs(folder))));
      assertEquals(measured, ticks.get());
    }
  }

  @Test
  void whatWasMeasuredDecides(@TempDir Path folder) throws IOException {
    try (Transformer model = load()) {
      CalibrationWork work =
          new CalibrationWork(
              ElementType.FLOAT32,
              model.architecture().heads(),
              model.architecture().kvHeads(),
              model.architecture().headDimension(),
              BLOCKS);
      for (boolean fast : new boolean[] {true, false}) {
        AttentionTimings timings =
            new AttentionTimings(
                WHEN,
                work.type(),
                new AttentionShape(1, work.group(), 1, 1024, 1024, work.headDimension()),
                BLOCKS,
                0.3,
                1,
                fast ? 0.1 : 2,
                0.5);
        new CalibrationFolder(folder).write(key(model, work), timings);
        Sparsity.Decision decision = decide(model, Optional.of(costs(folder)));
        assertEquals(fast, decision.sparse(), decision.reason());
        assertEquals(List.of(timings), decision.measured());
      }
      assertEquals(0, ticks.get());
    }
  }

  @Test
  void whereMeasuringIsOffTheCostModelDecides() {
    try (Transformer model = load()) {
      Sparsity.Decision decision = decide(model, Optional.empty());
      assertEquals(List.of(), decision.measured());
      assertTrue(decision.reason().contains("dev.sparsed.calibration is off"), decision.reason());
    }
  }

  private CalibrationKey key(Transformer model, CalibrationWork work) {
    try (PointerScope scope = new PointerScope()) {
      return CalibrationKey.of(backend.platform(model.exampleQuery(), BLOCKS), work);
    }
  }
}
