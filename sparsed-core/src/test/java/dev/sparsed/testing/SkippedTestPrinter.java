package dev.sparsed.testing;

import java.util.Locale;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Prints every test or group of tests that did not run, with its reason. Found by JUnit as a
 * service in every module that has core's tests on its test class path.
 */
public final class SkippedTestPrinter implements TestExecutionListener {

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    print(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      print(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  private static void print(TestIdentifier test, String reason) {
    System.out.printf(Locale.ROOT, "SKIPPED %s: %s%n", test.getUniqueId(), reason);
  }
}
