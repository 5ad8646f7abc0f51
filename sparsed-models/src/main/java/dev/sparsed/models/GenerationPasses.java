package dev.sparsed.models;

import dev.sparsed.models.internal.transformer.Fed;
import dev.sparsed.models.internal.transformer.Feed;
import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.internal.transformer.Turns;
import java.util.ArrayList;
import java.util.List;

/** The forward passes of one generation. Made and used by its thread, and closed with it. */
final class GenerationPasses implements AutoCloseable {

  private final Transformer transformer;
  private final SharedPasses settings;
  private final PassQueue queue;
  private final boolean exact;
  private final boolean shares;
  private final Thread owner = Thread.currentThread();
  private volatile boolean interrupted;
  private volatile long lastPass = System.nanoTime();
  private int passes;
  private int shared;

  GenerationPasses(Transformer transformer, SharedPasses settings, PassQueue queue) {
    this.transformer = transformer;
    this.settings = settings;
    this.queue = queue;
    this.exact = transformer.rowsStandAlone();
    this.shares =
        settings.mode() == SharedPasses.BatchMode.SHARED
            || (settings.mode() == SharedPasses.BatchMode.EXACT && exact);
    if (shares) {
      queue.enter(this);
    }
  }

  /** Whether a pass may be fed so many tokens of several sequences. */
  boolean hasRoomFor(long tokens) {
    return shares && tokens <= settings.tokens();
  }

  /** Runs the model; within a scope, which gets the results. */
  List<Fed> run(List<Feed> feeds) {
    long tokens = feeds.stream().mapToLong(Feed::length).sum();
    if (feeds.size() == 1 || hasRoomFor(tokens)) {
      return runTogether(feeds);
    }
    List<Fed> results = new ArrayList<>();
    feeds.forEach(feed -> results.addAll(runTogether(List.of(feed))));
    return results;
  }

  private List<Fed> runTogether(List<Feed> feeds) {
    FeedGroup group = transformer.group(feeds);
    boolean withOthers = false;
    if (shares) {
      withOthers = queue.run(this, group);
    } else {
      transformer.run(List.of(group), Turns.HERE);
    }
    List<Fed> results = group.take();
    passes++;
    shared += withOthers || feeds.size() > 1 ? 1 : 0;
    return results;
  }

  /** Whether the calling thread is the generation's. */
  boolean isOfThisThread() {
    return owner.equals(Thread.currentThread());
  }

  /** Whether the generation's thread is interrupted; asked by whoever runs its pass. */
  boolean isInterrupted() {
    return interrupted || owner.isInterrupted();
  }

  /** Remembers an interruption of the generation's thread, which the thread itself forgot. */
  void interrupted() {
    interrupted = true;
  }

  /** Has the generation's thread know of an interruption again. */
  void restoreInterruption() {
    if (interrupted) {
      owner.interrupt();
      interrupted = false;
    }
  }

  /** A pass has given it what it asked for. */
  void passEnded() {
    lastPass = System.nanoTime();
  }

  long nanosSinceLastPass() {
    return System.nanoTime() - lastPass;
  }

  GenerationResult.PassReport report() {
    return new GenerationResult.PassReport(passes, shared, shared == 0 || exact);
  }

  @Override
  public void close() {
    if (shares) {
      queue.leave(this);
    }
  }
}
