package dev.sparsed.models;

import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Turns;
import java.util.List;
import java.util.concurrent.locks.Condition;

/**
 * One generation's wish for a forward pass, while it waits and while the pass runs. Guarded by the
 * lock of its {@link PassQueue}.
 */
final class PassTicket {

  private final GenerationPasses member;
  private final FeedGroup group;
  private final Condition changed;
  private List<Turns.Turn> turns = List.of();
  private boolean shared;
  private boolean done;

  /**
   * A wish of the calling thread.
   *
   * @param member whose it is
   * @param group what is fed
   * @param changed what the thread waits for; of the queue's lock
   */
  PassTicket(GenerationPasses member, FeedGroup group, Condition changed) {
    this.member = member;
    this.group = group;
    this.changed = changed;
  }

  GenerationPasses member() {
    return member;
  }

  FeedGroup group() {
    return group;
  }

  /** Waits for a while at most, or until there may be something to do. */
  @SuppressWarnings("WaitNotInLoop") // Those who call it loop.
  void await(long nanos) throws InterruptedException {
    changed.awaitNanos(nanos);
  }

  /** Has its thread look whether there is something to do. */
  void wake() {
    changed.signal();
  }

  /** Attention that the generation's own thread is to compute; none while it waits. */
  List<Turns.Turn> turns() {
    return turns;
  }

  /** Gives its thread attention to compute. */
  void hand(List<Turns.Turn> value) {
    turns = List.copyOf(value);
    wake();
  }

  /** Its thread has attended. */
  void turnsTaken() {
    turns = List.of();
  }

  /** Whether other generations take part in the pass. */
  boolean isShared() {
    return shared;
  }

  void share() {
    shared = true;
  }

  /** Whether the pass has nothing more to do with it. */
  boolean isDone() {
    return done;
  }

  /** Lets its thread go. */
  void finish() {
    if (!done) {
      member.passEnded();
      done = true;
      wake();
    }
  }
}
