package dev.sparsed.spark;

import dev.sparsed.eval.cluster.EvalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Hands on the batches' answers in the batches' order; those that come early wait. After one that
 * could not be taken no other is handed on, as Spark still delivers what runs.
 */
final class BatchesInOrder extends AbstractFunction2<Object, SentAnswers, BoxedUnit> {

  private final EvalCluster.Receiver receiver;
  private final Map<Integer, SentAnswers> early = new HashMap<>();
  private int next;
  private boolean failed;

  BatchesInOrder(EvalCluster.Receiver receiver) {
    this.receiver = receiver;
  }

  @Override
  public synchronized BoxedUnit apply(Object batch, SentAnswers answers) {
    if (failed) {
      return BoxedUnit.UNIT;
    }
    early.put((Integer) batch, answers);
    failed = true;
    try {
      for (SentAnswers due = early.remove(next); due != null; due = early.remove(next)) {
        next++;
        receiver.accept(due.answers());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    failed = false;
    return BoxedUnit.UNIT;
  }
}
