package dev.sparsed.models.internal.transformer;

import java.util.List;

/** Who attends where several callers share a forward pass. */
public interface Turns {

  /** The thread that runs the pass attends for all. */
  Turns HERE = turns -> turns.forEach(Turn::attend);

  /**
   * Has every turn taken once, by whatever threads, and returns when all are done.
   *
   * @param turns one for each feed; of one group they are taken one after the other, in order
   */
  void take(List<Turn> turns);

  /**
   * Called when the pass has nothing more to do with a group that has failed.
   *
   * @param group the group
   */
  default void left(FeedGroup group) {}

  /** Attention of one feed in one layer. */
  interface Turn {

    /**
     * Whose feed it is.
     *
     * @return the group
     */
    FeedGroup group();

    /**
     * Whether code of users may run, which expects the thread that generates.
     *
     * @return false if any thread may take the turn
     */
    boolean callsUsers();

    /** Attends. Throws nothing: what fails, fails the group. */
    void attend();
  }
}
