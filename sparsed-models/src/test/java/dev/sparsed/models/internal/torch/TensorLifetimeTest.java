package dev.sparsed.models.internal.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sparsed.cpu.CpuAttention;
import dev.sparsed.cpu.CpuKernels;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/**
 * Tensors that nobody but a running call refers to are not freed under it. In a JVM of its own that
 * soon compiles the code between the caller and the kernels, and never goes back: only compiled
 * code lets go of a variable before its method ends.
 */
final class TensorLifetimeTest {

  private static final long LENGTH = 4096;

  private static final int CALLS_UNTIL_COMPILED = 3_000;

  @Test
  void inputsLiveAsLongAsTheCall() throws IOException, InterruptedException {
    assumeTrue(CpuKernels.isAvailable(), () -> CpuKernels.unavailableReason().orElse(""));
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xbatch",
                    "-cp",
                    System.getProperty("java.class.path"),
                    TensorLifetimeTest.class.getName()))
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
  }

  /** Ends with status 1 if an input is collected while the kernels read it. */
  public static void main(String[] arguments) throws InterruptedException {
    CpuTorchKernels kernels = new CpuTorchKernels(CpuAttention.of(CpuKernels.fastest(), 1));
    for (int i = 0; i < CALLS_UNTIL_COMPILED; i++) {
      new Caller(kernels, 3).run();
    }
    Caller call = new Caller(kernels, LENGTH);
    Thread caller = new Thread(call);
    caller.start();
    call.begun.await();
    while (caller.isAlive()) {
      System.gc();
      Thread.sleep(1);
      if (call.query.refersTo(null) && caller.isAlive()) {
        System.out.println("the queries were collected during the call");
        // Not exit: the kernels may be reading freed memory.
        Runtime.getRuntime().halt(1);
      }
    }
  }

  /** A call with tensors that are in no scope and that no one else refers to. */
  private static final class Caller implements Runnable {
    final CountDownLatch begun = new CountDownLatch(1);
    volatile WeakReference<Object> query = new WeakReference<>(begun);
    private final CpuTorchKernels kernels;
    private final long length;

    Caller(CpuTorchKernels kernels, long length) {
      this.kernels = kernels;
      this.length = length;
    }

    @Override
    public void run() {
      Tensor queries = random();
      query = new WeakReference<>(queries);
      Tensor keys = random();
      Tensor values = random();
      begun.countDown();
      kernels.dense(kernels.call(queries, keys, values)).close();
    }

    private Tensor random() {
      return torch.rand(1, 8, length, 128);
    }
  }
}
