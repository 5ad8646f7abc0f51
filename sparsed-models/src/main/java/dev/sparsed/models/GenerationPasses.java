package dev.sparsed.models;

import dev.sparsed.models.internal.transformer.Fed;
import dev.sparsed.models.internal.transformer.Feed;
import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.internal.transformer.Turns;
import java.util.ArrayList;
import java.util.List;

/** The forward passes of one generation. Used by its thread. */
final class GenerationPasses {

  private final Transformer transformer;
  private final SharedPasses settings;
  private final boolean exact;
  private final boolean shares;
  private int passes;
  private int shared;

  GenerationPasses(Transformer transformer, SharedPasses settings) {
    this.transformer = transformer;
    this.settings = settings;
    this.exact = transformer.rowsStandAlone();
    this.shares =
        settings.mode() == BatchMode.SHARED || (settings.mode() == BatchMode.EXACT && exact);
  }

  /** Whether a pass may be fed so many tokens of several sequences. */
  boolean hasRoomFor(long tokens) {
    return shares && tokens <= settings.tokens();
  }

  /** Runs the model; within a scope, which gets the results. */
  List<Fed> run(List<Feed> feeds) {
    long tokens = feeds.stream().mapToLong(Feed::length).sum();
    List<Fed> results = new ArrayList<>();
    if (feeds.size() > 1 && hasRoomFor(tokens)) {
      results.addAll(runTogether(feeds));
      shared++;
    } else {
      feeds.forEach(feed -> results.addAll(runTogether(List.of(feed))));
    }
    return results;
  }

  private List<Fed> runTogether(List<Feed> feeds) {
    FeedGroup group = transformer.group(feeds);
    transformer.run(List.of(group), Turns.HERE);
    passes++;
    return group.take();
  }

  /** Whether the generation's thread is interrupted. */
  boolean isInterrupted() {
    return Thread.currentThread().isInterrupted();
  }

  PassReport report() {
    return new PassReport(passes, shared, shared == 0 || exact);
  }
}
