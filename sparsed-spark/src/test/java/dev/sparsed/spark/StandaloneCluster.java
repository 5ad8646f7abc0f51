package dev.sparsed.spark;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Spark's standalone cluster on this machine: a master and workers as processes of their own, from
 * this JVM's class path. Workers have one core each and start their executors themselves.
 */
final class StandaloneCluster implements AutoCloseable {

  private static final Duration LONGEST_START = Duration.ofMinutes(5);

  /** What {@code SPARK_HOME} has in an installation: the jars that every process starts with. */
  private final Path home;

  private final int port;
  private final List<Process> processes = new ArrayList<>();

  private StandaloneCluster(Path home) throws IOException {
    this.home = home;
    Path jars = Files.createDirectories(home.resolve("jars"));
    int number = 0;
    for (String entry : classPath().filter(entry -> entry.endsWith(".jar")).toList()) {
      // Two jars may have the same name, such as those of tests.
      Path jar = Path.of(entry);
      Files.createSymbolicLink(jars.resolve(number++ + "-" + jar.getFileName()), jar);
    }
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
  }

  /**
   * Starts a master and workers.
   *
   * @param home an empty folder for their files
   * @param workers how many
   */
  static StandaloneCluster start(Path home, int workers) throws IOException {
    StandaloneCluster cluster = new StandaloneCluster(home);
    String[] at = {"--host", "127.0.0.1", "--webui-port", "0"};
    cluster.launch(
        "master", "org.apache.spark.deploy.master.Master", at, "--port", "" + cluster.port);
    try {
      cluster.awaitMaster();
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
    for (int worker = 1; worker <= workers; worker++) {
      String name = "worker-" + worker;
      cluster.launch(
          name,
          "org.apache.spark.deploy.worker.Worker",
          at,
          "--cores",
          "1",
          "--memory",
          "1g",
          "--work-dir",
          home.resolve(name).toString(),
          cluster.master());
    }
    return cluster;
  }

  /** Drivers and workers give up after a minute, in which a busy machine starts no master. */
  private void awaitMaster() throws IOException {
    Process master = processes.get(0);
    long start = System.nanoTime();
    while (master.isAlive() && System.nanoTime() - start < LONGEST_START.toNanos()) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (ConnectException e) {
        sleep();
      }
    }
    throw new IOException(
        "the master "
            + (master.isAlive() ? "has not answered for " + LONGEST_START : "has ended")
            + "; its log: "
            + Files.readString(home.resolve("master.log")));
  }

  private static void sleep() throws IOException {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a master starts");
    }
  }

  private void launch(String name, String program, String[] at, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-Xmx256m", "-cp", home.resolve("jars") + File.separator + "*"));
    command.add(program);
    command.addAll(List.of(at));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.redirectErrorStream(true).redirectOutput(home.resolve(name + ".log").toFile());
    processes.add(builder.start());
  }

  /** The address that a driver connects to. */
  String master() {
    return "spark://127.0.0.1:" + port;
  }

  /** What is no jar on the class path, which executors are told of by their options. */
  static String folders() {
    return classPath()
        .filter(entry -> !entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Stream<String> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  /** Kills a worker at once; its executor ends as it misses it. */
  void killWorker(int number) {
    processes.get(number).destroyForcibly();
  }

  @Override
  public void close() {
    // The workers end their executors; the master comes first in the list.
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).destroy();
    }
    for (Process process : processes) {
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
