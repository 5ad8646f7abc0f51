package dev.sparsed.cuda;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * What {@code gpu/check} runs in Java: {@code report}; {@code test CLASS...}; or {@code bench},
 * which is {@link GpuBenchmark} from standard input to standard output.
 */
final class GpuCheck {

  private static final int NO_GPU = 3;

  private GpuCheck() {}

  public static void main(String[] arguments) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    int status =
        switch (arguments.length == 0 ? "" : arguments[0]) {
          case "report" -> report(out);
          case "test" -> test(out, Arrays.asList(arguments).subList(1, arguments.length));
          case "bench" -> bench(out);
          default -> throw new IllegalArgumentException("report, test CLASS... or bench");
        };
    System.exit(status);
  }

  private static int report(PrintWriter out) {
    Cuda.describe().forEach(out::println);
    return Cuda.isAvailable() ? 0 : NO_GPU;
  }

  private static int test(PrintWriter out, List<String> classes) {
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(classes.stream().map(DiscoverySelectors::selectClass).toList())
                .build(),
            summary,
            new Progress(out));
    summary.getSummary().printTo(out);
    summary.getSummary().printFailuresTo(out);
    // Nothing run is no success.
    boolean passed =
        summary.getSummary().getTotalFailureCount() == 0
            && summary.getSummary().getTestsSucceededCount() > 0;
    return passed ? 0 : 1;
  }

  /** Tells each failure and each finished class at once: a run may be stopped before its end. */
  private static final class Progress implements TestExecutionListener {
    private final PrintWriter out;
    private final Map<String, Long> started = new ConcurrentHashMap<>();

    Progress(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
      started.put(test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      long nanos = System.nanoTime() - started.getOrDefault(test.getUniqueId(), 0L);
      String what = test.getLegacyReportingName() + ", " + test.getDisplayName();
      if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
        String reason = result.getThrowable().map(Throwable::toString).orElse("");
        out.printf(Locale.ROOT, "%s: %s: %s%n", result.getStatus(), what, reason);
      } else if (test.getSource().filter(ClassSource.class::isInstance).isPresent()) {
        out.printf(Locale.ROOT, "finished in %.0f s: %s%n", nanos * 1e-9, what);
      }
    }
  }

  private static int bench(PrintWriter out) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    CudaAttention attention = Cuda.attention(Cuda.devices().get(0).ordinal());
    DeviceClock clock = new DeviceClock((DriverApi) attention.queue().driver());
    PrintWriter messages = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return new GpuBenchmark(attention, clock::milliseconds, messages).run(in, out) ? 0 : 1;
  }
}
