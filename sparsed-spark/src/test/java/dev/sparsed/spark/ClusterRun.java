package dev.sparsed.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a cluster answers to questions.
 *
 * @param answers the answers, in the questions' order
 * @param time from the first task's start to the last one's end, with loading the model
 * @param executors executors that finished tasks
 * @param lostExecutors executors that went away before the job ended
 * @param failedTasks tasks that were lost and computed again
 */
record ClusterRun(
    List<String> answers, Duration time, int executors, int lostExecutors, int failedTasks) {

  /**
   * Asks a new cluster.
   *
   * @param home an empty folder for its files
   * @param questions what to ask
   * @param workers its workers, of one core each
   * @param partitions tasks
   * @param killAfter kills the last worker once so many tasks are done and each worker has done
   *     one; 0 to let all live
   */
  static ClusterRun of(
      Path home, List<String> questions, int workers, int partitions, int killAfter)
      throws IOException {
    try (StandaloneCluster cluster = StandaloneCluster.start(home, workers);
        SparkSession spark =
            SparkSession.builder()
                .master(cluster.master())
                .appName("sparsed")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", false)
                .config("spark.executor.memory", "512m")
                .config("spark.executor.cores", 1)
                .config("spark.executor.extraClassPath", StandaloneCluster.folders())
                .config("spark.local.dir", home.resolve("local").toString())
                .config("spark.sql.warehouse.dir", home.resolve("warehouse").toString())
                // All workers are there before the first task.
                .config("spark.scheduler.minRegisteredResourcesRatio", 1)
                .config("spark.cores.max", workers)
                .getOrCreate()) {
      Watch watch = new Watch(cluster, workers, killAfter);
      spark.sparkContext().addSparkListener(watch);
      long start = System.nanoTime();
      List<Row> rows =
          Questions.stage()
              .transform(Questions.rows(spark, questions, partitions))
              .select("question", "answer")
              .collectAsList();
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      Map<String, String> answers =
          rows.stream().collect(Collectors.toMap(row -> row.getString(0), row -> row.getString(1)));
      return new ClusterRun(
          questions.stream().map(answers::get).toList(),
          time,
          watch.executors.size(),
          watch.lost.get(),
          watch.failed.get());
    }
  }

  /** Counts, and kills in the middle. */
  private static final class Watch extends SparkListener {

    private final StandaloneCluster cluster;
    private final int workers;
    private final int killAfter;
    private final Set<String> executors = new HashSet<>();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private int done;
    private boolean killed;

    private Watch(StandaloneCluster cluster, int workers, int killAfter) {
      this.cluster = cluster;
      this.workers = workers;
      this.killAfter = killAfter;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (!end.taskInfo().successful()) {
        failed.incrementAndGet();
        return;
      }
      executors.add(end.taskInfo().executorId());
      done++;
      if (killAfter > 0 && !killed && done >= killAfter && executors.size() == workers) {
        killed = true;
        cluster.killWorker(workers);
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      lost.incrementAndGet();
    }
  }
}
