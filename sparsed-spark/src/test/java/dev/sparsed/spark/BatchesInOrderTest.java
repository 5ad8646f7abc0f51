package dev.sparsed.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchesInOrderTest {

  @Test
  void handsOnNothingAfterABatchThatCouldNotBeTaken() {
    List<Integer> taken = new ArrayList<>();
    BatchesInOrder batches =
        new BatchesInOrder(
            answers -> {
              taken.add(taken.size());
              if (taken.size() == 2) {
                throw new IOException("the disk is full");
              }
            });
    SentAnswers none = new SentAnswers(ImmutableList.of(), 0, 0, 0, null, 0, null);
    batches.apply(1, none);
    assertEquals(List.of(), taken, "the first is still missing");
    assertThrows(UncheckedIOException.class, () -> batches.apply(0, none), "the second fails");
    batches.apply(2, none);
    assertEquals(List.of(0, 1), taken);
  }
}
