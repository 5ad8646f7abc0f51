package dev.sparsed.models;

import dev.sparsed.pattern.SparsePattern;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Lets half of the generations be, and stops, interrupts or fails the others at a random step or
 * within one. Used for one generation, by the thread that made it.
 */
final class DisturbingListener implements GenerationListener {

  private static final List<Deed> BAD = List.of(Deed.STOP, Deed.INTERRUPT, Deed.FAIL);

  private final Thread owner = Thread.currentThread();
  private final Deed deed;
  private final int step;
  private final boolean within;
  private final UnsupportedOperationException failure = new UnsupportedOperationException("deed");
  private boolean done;

  /** What it does when its step has come. */
  private enum Deed {
    NOTHING,
    STOP,
    INTERRUPT,
    FAIL
  }

  DisturbingListener(Random random) {
    this.deed = random.nextInt(2) == 0 ? Deed.NOTHING : BAD.get(random.nextInt(BAD.size()));
    this.step = random.nextInt(12);
    this.within = random.nextBoolean();
  }

  /** What it throws, if it does. */
  UnsupportedOperationException failure() {
    return failure;
  }

  boolean hasActed() {
    return done;
  }

  boolean hasFailed() {
    return done && deed == Deed.FAIL;
  }

  boolean hasInterrupted() {
    return done && deed == Deed.INTERRUPT;
  }

  @Override
  public Reaction onStep(GenerationProgress progress) {
    requireOwner();
    return progress.step() >= step && act() ? Reaction.STOP : Reaction.CONTINUE;
  }

  @Override
  public void onEviction(int sequence, int at, int layer, float[] importance, int[] kept) {
    withinPass();
  }

  @Override
  public void onPattern(int sequence, int at, int layer, Supplier<SparsePattern> pattern) {
    withinPass();
  }

  private void withinPass() {
    requireOwner();
    if (within && deed != Deed.STOP) {
      act();
    }
  }

  /** True to stop. */
  private boolean act() {
    if (done || deed == Deed.NOTHING) {
      return false;
    }
    done = true;
    switch (deed) {
      case INTERRUPT -> owner.interrupt();
      case FAIL -> throw failure;
      default -> {
        return true;
      }
    }
    return false;
  }

  private void requireOwner() {
    if (!owner.equals(Thread.currentThread())) {
      throw new IllegalStateException("a listener was called by another thread");
    }
  }
}
