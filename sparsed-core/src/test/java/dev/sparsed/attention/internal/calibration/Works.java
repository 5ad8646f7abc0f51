package dev.sparsed.attention.internal.calibration;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.time.Instant;

/** What the tests measure, and what came of it. */
final class Works {

  static final Instant WHEN = Instant.parse("2026-01-02T03:04:05Z");
  static final CalibrationWork WORK =
      new CalibrationWork(ElementType.FLOAT32, 8, 4, 16, BlockShape.square(32));

  private Works() {}

  static AttentionTimings timings(double dense, double sparse, double select) {
    return new AttentionTimings(
        WHEN,
        WORK.type(),
        new CalibrationSize(1, 1024).shape(WORK),
        WORK.blocks(),
        0.25,
        dense,
        sparse,
        select);
  }
}
