package dev.sparsed.models;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;

/**
 * Sixteen threads that generate by every method on one model, with listeners that stop, interrupt
 * or fail at random. Every result is compared with that of the generation alone. A program that is
 * told how many seconds to go on with each model; {@link SharedGenerationsTest} runs it.
 */
final class SharedPassesStress {

  private static final int THREADS = 16;

  private final MixedGenerations generations;
  private final List<List<List<Integer>>> expected;
  private final AtomicLong whole = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong sharedPasses = new AtomicLong();
  private final AtomicLong passes = new AtomicLong();

  private SharedPassesStress(MixedGenerations generations) {
    this.generations = generations;
    this.expected = generations.serial();
  }

  /** Runs for some seconds per model, at least one generation per thread. */
  public static void main(String[] arguments) throws Exception {
    Duration time = Duration.ofSeconds(Long.parseLong(arguments[0]));
    for (String name : MixedGenerations.MODELS) {
      SharedPasses passes = SharedPasses.DEFAULT.withMode(SharedPasses.BatchMode.EXACT);
      try (MixedGenerations generations = MixedGenerations.load(name, passes)) {
        SharedPassesStress stress = new SharedPassesStress(generations);
        stress.run(Duration.ZERO, 1);
        long pointers = Pointer.totalCount();
        long bytes = Pointer.physicalBytes();
        stress.run(time, 2);
        System.out.printf(
            "%s\t%d whole\t%d ended early\t%d failed\t%d of %d passes shared\t%d pointers\t%d"
                + " MiB%n",
            name,
            stress.whole.get(),
            stress.ended.get(),
            stress.failed.get(),
            stress.sharedPasses.get(),
            stress.passes.get(),
            Pointer.totalCount() - pointers,
            (Pointer.physicalBytes() - bytes) >> 20);
      }
    }
  }

  private void run(Duration time, int seed) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(seed * 1000L + thread);
        all.add(
            threads.submit(
                () -> {
                  do {
                    one(random);
                  } while (System.nanoTime() < end);
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void one(Random random) {
    int index = random.nextInt(generations.requests().size());
    DisturbingListener listener = new DisturbingListener(random);
    GenerationResult result;
    try {
      result = generations.model().generate(generations.requests().get(index), listener);
    } catch (UnsupportedOperationException e) {
      require(e == listener.failure(), "the failure of another listener came out");
      failed.incrementAndGet();
      return;
    }
    require(!listener.hasFailed(), "a failure was lost");
    require(
        Thread.interrupted() == listener.hasInterrupted(),
        "an interruption was lost, or another thread's came");
    compare(index, result);
    (result.cancelled() ? ended : whole).incrementAndGet();
    require(!result.cancelled() || listener.hasActed(), "a generation ended that nobody ended");
    sharedPasses.addAndGet(result.passes().shared());
    passes.addAndGet(result.passes().passes());
  }

  /** Every token that is decided is the one that is decided alone; in the end all are. */
  private void compare(int index, GenerationResult result) {
    int mask = generations.model().config().maskToken();
    for (int sequence = 0; sequence < result.sequences().size(); sequence++) {
      List<Integer> alone = expected.get(index).get(sequence);
      List<Integer> tokens = result.sequences().get(sequence);
      require(alone.size() == tokens.size(), "a sequence has another length");
      for (int at = 0; at < tokens.size(); at++) {
        require(
            Objects.equals(alone.get(at), tokens.get(at))
                || (result.cancelled() && tokens.get(at) == mask),
            "request " + index + " has another token at position " + at);
      }
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException(what);
    }
  }
}
