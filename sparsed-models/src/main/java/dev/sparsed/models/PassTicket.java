package dev.sparsed.models;

import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Turns;
import java.util.List;

/**
 * One generation's wish for a forward pass, while it waits and while the pass runs. Guarded by the
 * lock of its {@link PassQueue}.
 */
final class PassTicket {

  private final GenerationPasses member;
  private final FeedGroup group;
  private List<Turns.Turn> turns = List.of();
  private boolean shared;
  private boolean done;

  PassTicket(GenerationPasses member, FeedGroup group) {
    this.member = member;
    this.group = group;
  }

  GenerationPasses member() {
    return member;
  }

  FeedGroup group() {
    return group;
  }

  /** Attention that the generation's own thread is to compute; none while it waits. */
  List<Turns.Turn> turns() {
    return turns;
  }

  void turns(List<Turns.Turn> value) {
    turns = List.copyOf(value);
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

  void finish() {
    done = true;
  }
}
