package dev.sparsed.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What {@code measure-cluster} runs: the same questions asked by this process alone, by clusters of
 * one and two workers, and by one that loses a worker in the middle. Prints a table and fails if
 * any answer differs.
 */
final class ClusterMeasurement {

  private ClusterMeasurement() {}

  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    List<String> questions = Questions.of(count);
    int partitions = Math.max(8, count / 20);

    long start = System.nanoTime();
    List<String> expected = Questions.answersAlone(questions);
    System.out.printf(
        Locale.ROOT, "%n%d questions, 16 tokens each, one core per worker%n%n", count);
    System.out.println("| run | seconds | executors | lost | answers that differ |");
    System.out.println("| --- | --- | --- | --- | --- |");
    print("one process, no Spark", Duration.ofNanos(System.nanoTime() - start), "-", "-", 0);

    long wrong = 0;
    wrong += run("1 worker", questions, expected, 1, partitions, 0);
    wrong += run("2 workers", questions, expected, 2, partitions, 0);
    wrong +=
        run(
            "2 workers, one killed",
            questions,
            expected,
            2,
            partitions,
            Math.max(3, partitions / 2));
    // Threads of Spark's may be left.
    System.exit(wrong == 0 ? 0 : 1);
  }

  private static long run(
      String name,
      List<String> questions,
      List<String> expected,
      int workers,
      int partitions,
      int killAfter)
      throws Exception {
    Path home = Files.createTempDirectory(Path.of("target"), "cluster").toAbsolutePath();
    ClusterRun run = ClusterRun.of(home, questions, workers, partitions, killAfter);
    long differing = 0;
    for (int i = 0; i < expected.size(); i++) {
      if (!expected.get(i).equals(run.answers().get(i))) {
        differing++;
      }
    }
    print(name, run.time(), "" + run.executors(), "" + run.lostExecutors(), differing);
    return differing;
  }

  private static void print(
      String name, Duration time, String executors, String lost, long differing) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f | %s | %s | %d |%n",
        name,
        time.toMillis() / 1e3,
        executors,
        lost,
        differing);
  }
}
