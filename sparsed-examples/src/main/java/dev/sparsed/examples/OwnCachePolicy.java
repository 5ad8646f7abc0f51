package dev.sparsed.examples;

import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationListener;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.cache.CachePlan;
import dev.sparsed.models.cache.CachePlanner;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.CachedSequence;

/**
 * A cache of one's own: every eighth pass computes everything; the others feed what is masked and
 * what was just decided, wherever in the text that is, and read the keys and values of all other
 * tokens as they were.
 *
 * @param refreshEvery passes from one that computes everything to the next
 */
public record OwnCachePolicy(int refreshEvery) implements CachePolicy {

  private static final String QUESTION =
      """
      Read the notes and answer the question.

      Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.

      Question: What does Magnus keep?""";

  @Override
  public CachePlanner planner(CachedSequence sequence) {
    return step ->
        step.forwardPasses() % refreshEvery == 0
            ? CachePlan.feedAll()
            : CachePlan.feed(step.withRows(step.masked()).union(step.decided()));
  }

  /**
   * Prints the answer with and without the cache.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      print("no cache", model, CachePolicy.none());
      print("own cache", model, new OwnCachePolicy(8));
    }
  }

  private static void print(String name, DiffusionModel model, CachePolicy cache) {
    GenerationResult result =
        model.generate(
            model.ask(QUESTION).generationLength(32).steps(32).cache(cache).build(),
            GenerationListener.NONE);
    System.out.println(name + ": " + model.answer(result));
    if (result.cache().isPresent()) {
      GenerationResult.CacheReport report = result.cache().get();
      System.out.printf(
          "  %d passes over everything, %d over a part; %d KiB kept%n",
          report.wholePasses(), report.cachedPasses(), report.peakBytes() / 1024);
    }
  }
}
