package dev.sparsed.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;

/**
 * Prints what memory the process takes after every 25 generations of mixed models, methods and
 * lengths, four at a time, half of which are stopped, interrupted or failed. A program that is told
 * how many generations there are; {@link MemoryCurveTest} runs it.
 */
final class MemoryCurve {

  static final int GENERATIONS_PER_POINT = 25;
  private static final int THREADS = 4;
  private static final int LENGTH_STEP = 150;

  private MemoryCurve() {}

  /** Prints generations, resident MiB and the number of native objects, with tabs. */
  public static void main(String[] arguments) throws Exception {
    int generations = Integer.parseInt(arguments[0]);
    List<MixedGenerations> models = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      for (String name : MixedGenerations.MODELS) {
        models.add(MixedGenerations.load(name, SharedPasses.DEFAULT, LENGTH_STEP));
      }
      Random random = new Random(7);
      for (int done = 0; done < generations; done += GENERATIONS_PER_POINT) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < GENERATIONS_PER_POINT; i++) {
          MixedGenerations mixed = models.get(random.nextInt(models.size()));
          int request = random.nextInt(mixed.requests().size());
          long seed = random.nextLong();
          running.add(threads.submit(() -> generate(mixed, request, new Random(seed))));
        }
        for (Future<?> each : running) {
          each.get();
        }
        print(done + GENERATIONS_PER_POINT);
      }
    } finally {
      threads.shutdownNow();
      models.forEach(MixedGenerations::close);
    }
  }

  private static void generate(MixedGenerations mixed, int request, Random random) {
    DisturbingListener listener = new DisturbingListener(random);
    try {
      mixed.model().generate(mixed.requests().get(request), listener);
    } catch (UnsupportedOperationException e) {
      if (!listener.hasFailed()) {
        throw e;
      }
    } finally {
      Thread.interrupted();
    }
  }

  /** Counts what is reachable: what nobody closed is freed with the garbage. */
  private static void print(int generations) throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(20);
    }
    System.out.printf(
        "%d\t%d\t%d%n", generations, Pointer.physicalBytes() >> 20, Pointer.totalCount());
  }
}
